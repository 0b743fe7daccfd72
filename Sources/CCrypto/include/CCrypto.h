#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/bn.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

// OpenSSL's calls that Swift cannot make one by one (macros, opaque builders), without any decision in them.

enum { ccrypto_gcm_nonce_bytes = 12, ccrypto_gcm_tag_bytes = 16 };

/// AES-256-GCM: `sealed` takes as many bytes as `plain` has. Returns 1, or 0 when OpenSSL refused.
static inline int ccrypto_gcm_seal(
    const unsigned char *key, const unsigned char *nonce, const unsigned char *context, int context_count,
    const unsigned char *plain, int count, unsigned char *sealed, unsigned char *tag) {
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int written = 0;
    int done = cipher && EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1
        && EVP_EncryptUpdate(cipher, NULL, &written, context, context_count) == 1
        && EVP_EncryptUpdate(cipher, sealed, &written, plain, count) == 1
        && EVP_EncryptFinal_ex(cipher, sealed + written, &written) == 1
        && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, ccrypto_gcm_tag_bytes, tag) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return done;
}

/// The way back. Returns 1, or 0 when key, nonce, context, bytes or tag do not belong together.
static inline int ccrypto_gcm_open(
    const unsigned char *key, const unsigned char *nonce, const unsigned char *context, int context_count,
    const unsigned char *sealed, int count, const unsigned char *tag, unsigned char *plain) {
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int written = 0;
    int done = cipher && EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1
        && EVP_DecryptUpdate(cipher, NULL, &written, context, context_count) == 1
        && EVP_DecryptUpdate(cipher, plain, &written, sealed, count) == 1
        && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, ccrypto_gcm_tag_bytes, (void *)tag) == 1
        && EVP_DecryptFinal_ex(cipher, plain + written, &written) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return done;
}

static inline EVP_PKEY *ccrypto_public_key(const char *type, OSSL_PARAM *parameters) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    if (!context || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

static inline int ccrypto_verify_sha256(
    EVP_PKEY *key, const unsigned char *signature, size_t signature_count, const unsigned char *text, size_t count) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int done = digest && key && EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, key) == 1
        && EVP_DigestVerify(digest, signature, signature_count, text, count) == 1;
    EVP_MD_CTX_free(digest);
    return done;
}

/// RS256 (RFC 7518 §3.3): RSASSA-PKCS1-v1_5 with SHA-256 under the public key `n`, `e` (big-endian).
static inline int ccrypto_verify_rs256(
    const unsigned char *n, int n_count, const unsigned char *e, int e_count, const unsigned char *signature,
    size_t signature_count, const unsigned char *text, size_t count) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = BN_bin2bn(n, n_count, NULL), *exponent = BN_bin2bn(e, e_count, NULL);
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *key = NULL;
    if (builder && modulus && exponent && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1
        && (parameters = OSSL_PARAM_BLD_to_param(builder))) {
        key = ccrypto_public_key("RSA", parameters);
    }
    int done = ccrypto_verify_sha256(key, signature, signature_count, text, count);
    EVP_PKEY_free(key);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    return done;
}

/// ES256 (RFC 7518 §3.4): ECDSA on P-256 with SHA-256; `point` is 04, x, y (65 bytes), `signature` r and s (64 bytes).
static inline int ccrypto_verify_es256(
    const unsigned char *point, const unsigned char *signature, const unsigned char *text, size_t count) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *key = NULL;
    if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 65) == 1
        && (parameters = OSSL_PARAM_BLD_to_param(builder))) {
        key = ccrypto_public_key("EC", parameters);
    }
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    unsigned char *encoded = NULL;
    int encoded_count = 0;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        encoded_count = i2d_ECDSA_SIG(pair, &encoded);
    }
    int done = encoded_count > 0 && ccrypto_verify_sha256(key, encoded, (size_t)encoded_count, text, count);
    OPENSSL_free(encoded);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    EVP_PKEY_free(key);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    return done;
}

enum { ccrypto_pem_other = 0, ccrypto_pem_rsa = 1, ccrypto_pem_ed25519 = 2, ccrypto_rsa_bits_min = 2048 };

// A key behind a password is none of ours: nothing is asked on the terminal.
static inline int ccrypto_no_password(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

static inline EVP_PKEY *ccrypto_pem_key(const char *pem, int count) {
    BIO *text = BIO_new_mem_buf(pem, count);
    EVP_PKEY *key = text ? PEM_read_bio_PUBKEY(text, NULL, ccrypto_no_password, NULL) : NULL;
    BIO_free(text);
    return key;
}

static inline int ccrypto_key_kind(EVP_PKEY *key) {
    if (key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= ccrypto_rsa_bits_min) return ccrypto_pem_rsa;
    return key && EVP_PKEY_is_a(key, "ED25519") ? ccrypto_pem_ed25519 : ccrypto_pem_other;
}

/// What a public key in PEM (RFC 7468) is: RSA of at least 2048 bits, Ed25519, or other.
static inline int ccrypto_pem_kind(const char *pem, int count) {
    EVP_PKEY *key = ccrypto_pem_key(pem, count);
    int kind = ccrypto_key_kind(key);
    EVP_PKEY_free(key);
    return kind;
}

/// RS256, or Ed25519 (RFC 8037 §3.1), under a public key in PEM, which has to be of the kind told. Returns 1, or 0.
static inline int ccrypto_verify_pem(
    const char *pem, int pem_count, int kind, const unsigned char *signature, size_t signature_count,
    const unsigned char *text, size_t count) {
    EVP_PKEY *key = ccrypto_pem_key(pem, pem_count);
    int done = 0;
    if (kind != ccrypto_pem_other && ccrypto_key_kind(key) == kind) {
        EVP_MD_CTX *digest = EVP_MD_CTX_new();
        done = digest
            && EVP_DigestVerifyInit(digest, NULL, kind == ccrypto_pem_rsa ? EVP_sha256() : NULL, NULL, key) == 1
            && EVP_DigestVerify(digest, signature, signature_count, text, count) == 1;
        EVP_MD_CTX_free(digest);
    }
    EVP_PKEY_free(key);
    return done;
}

/// Moves what OpenSSL encoded to `out`, where there is room for it. Returns how many bytes, or 0.
static inline int ccrypto_take(unsigned char *encoded, int count, unsigned char *out, int room) {
    int taken = count > 0 && count <= room ? count : 0;
    for (int i = 0; i < taken; i++) out[i] = encoded[i];
    OPENSSL_free(encoded);
    return taken;
}

/// A new private key (PKCS #8 or traditional DER, at most `room` bytes): RSA of `bits`, or Ed25519. Returns how many
/// bytes, or 0.
static inline int ccrypto_new_key(const char *type, int bits, unsigned char *der, int room) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    unsigned char *encoded = NULL;
    int count = 0;
    if (context && EVP_PKEY_keygen_init(context) == 1
        && (bits == 0 || EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1) && EVP_PKEY_generate(context, &key) == 1) {
        count = i2d_PrivateKey(key, &encoded);
    }
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    return ccrypto_take(encoded, count, der, room);
}

/// The public half: RSA as SubjectPublicKeyInfo, Ed25519 as its 32 bytes (RFC 8463 §4.2). Returns how many bytes, or 0.
static inline int ccrypto_public_half(
    const unsigned char *der, int der_count, int is_raw, unsigned char *out, int room) {
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, der_count);
    int count = 0;
    if (key && is_raw) {
        size_t size = (size_t)room;
        count = EVP_PKEY_get_raw_public_key(key, out, &size) == 1 ? (int)size : 0;
    } else if (key) {
        unsigned char *encoded = NULL;
        int size = i2d_PUBKEY(key, &encoded);
        count = ccrypto_take(encoded, size, out, room);
    }
    EVP_PKEY_free(key);
    return count;
}

/// A private key of its DER, to be freed with `EVP_PKEY_free`; NULL where it is none.
static inline EVP_PKEY *ccrypto_private_key(const unsigned char *der, int der_count) {
    return d2i_AutoPrivateKey(NULL, &der, der_count);
}

/// Signs `text`: RSASSA-PKCS1-v1_5 with SHA-256, or plain Ed25519 (which takes what it is given). Returns bytes, or 0.
static inline int ccrypto_sign_with(
    EVP_PKEY *key, int is_ed25519, const unsigned char *text, size_t count, unsigned char *signature, int room) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    size_t size = (size_t)room;
    int done = key && digest
        && EVP_DigestSignInit(digest, NULL, is_ed25519 ? NULL : EVP_sha256(), NULL, key) == 1
        && EVP_DigestSign(digest, signature, &size, text, count) == 1;
    EVP_MD_CTX_free(digest);
    return done ? (int)size : 0;
}

/// The same with a key that is read for this once.
static inline int ccrypto_sign(
    const unsigned char *der, int der_count, int is_ed25519, const unsigned char *text, size_t count,
    unsigned char *signature, int room) {
    EVP_PKEY *key = ccrypto_private_key(der, der_count);
    int size = ccrypto_sign_with(key, is_ed25519, text, count, signature, room);
    EVP_PKEY_free(key);
    return size;
}

/// An Ed25519 key of its 32 secret bytes, as DER. Returns how many bytes, or 0.
static inline int ccrypto_ed25519_key(const unsigned char *secret, unsigned char *der, int room) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, 32);
    unsigned char *encoded = NULL;
    int count = key ? i2d_PrivateKey(key, &encoded) : 0;
    EVP_PKEY_free(key);
    return ccrypto_take(encoded, count, der, room);
}

// P-256 (FIPS 186-5): a secret is 32 bytes, a point 04, x, y (65 bytes).
enum { ccrypto_p256_secret_bytes = 32, ccrypto_p256_point_bytes = 65 };

/// The point that belongs to a secret. Returns 1, or 0 for a secret that is none.
static inline int ccrypto_p256_point(const unsigned char *secret, unsigned char *point) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_bin2bn(secret, ccrypto_p256_secret_bytes, NULL);
    EC_POINT *found = group ? EC_POINT_new(group) : NULL;
    int done = found && number && !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0
        && EC_POINT_mul(group, found, number, NULL, NULL, NULL) == 1
        && EC_POINT_point2oct(
               group, found, POINT_CONVERSION_UNCOMPRESSED, point, ccrypto_p256_point_bytes, NULL)
            == ccrypto_p256_point_bytes;
    EC_POINT_free(found);
    BN_clear_free(number);
    EC_GROUP_free(group);
    return done;
}

static inline EVP_PKEY *ccrypto_p256_key(const unsigned char *secret, const unsigned char *point) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *number = secret ? BN_bin2bn(secret, ccrypto_p256_secret_bytes, NULL) : NULL;
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    int good = builder && context && (!secret || number)
        && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, ccrypto_p256_point_bytes) == 1
        && (!secret || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)
        && (parameters = OSSL_PARAM_BLD_to_param(builder)) && EVP_PKEY_fromdata_init(context) == 1
        && EVP_PKEY_fromdata(context, &key, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters) == 1;
    if (!good) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(number);
    return key;
}

/// ECDH: the 32 bytes that a secret of ours and a point of theirs agree on. Returns 1, or 0 for a point off the curve.
static inline int ccrypto_p256_agree(
    const unsigned char *secret, const unsigned char *point, const unsigned char *peer, unsigned char *shared) {
    EVP_PKEY *ours = ccrypto_p256_key(secret, point), *theirs = ccrypto_p256_key(NULL, peer);
    EVP_PKEY_CTX *context = ours ? EVP_PKEY_CTX_new(ours, NULL) : NULL;
    size_t count = 32;
    int done = context && theirs && EVP_PKEY_derive_init(context) == 1
        && EVP_PKEY_derive_set_peer(context, theirs) == 1 && EVP_PKEY_derive(context, shared, &count) == 1
        && count == 32;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(ours);
    EVP_PKEY_free(theirs);
    return done;
}

/// ES256 (RFC 7518 §3.4): `signature` is r and s, 64 bytes. Returns 1, or 0.
static inline int ccrypto_sign_es256(
    const unsigned char *secret, const unsigned char *point, const unsigned char *text, size_t count,
    unsigned char *signature) {
    EVP_PKEY *key = ccrypto_p256_key(secret, point);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char encoded[80];
    size_t size = sizeof encoded;
    ECDSA_SIG *pair = NULL;
    int done = key && digest && EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) == 1
        && EVP_DigestSign(digest, encoded, &size, text, count) == 1;
    if (done) {
        const unsigned char *start = encoded;
        pair = d2i_ECDSA_SIG(NULL, &start, (long)size);
        done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32
            && BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    }
    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(key);
    return done;
}

/// AES-128-GCM: `sealed` takes as many bytes as `plain` has, and the tag of 16 behind them. Returns 1, or 0.
static inline int ccrypto_gcm128_seal(
    const unsigned char *key, const unsigned char *nonce, const unsigned char *plain, int count,
    unsigned char *sealed) {
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int written = 0;
    int done = cipher && EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, key, nonce) == 1
        && EVP_EncryptUpdate(cipher, sealed, &written, plain, count) == 1
        && EVP_EncryptFinal_ex(cipher, sealed + written, &written) == 1
        && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, ccrypto_gcm_tag_bytes, sealed + count) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return done;
}

/// AES-256-CBC without padding of its own: `count` is a multiple of 16, `out` takes as many bytes. Returns 1, or 0.
static inline int ccrypto_aes256_cbc(
    const unsigned char *key, const unsigned char *iv, int is_encrypting, const unsigned char *in, int count,
    unsigned char *out) {
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int written = 0, rest = 0;
    int done = cipher && EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv, is_encrypting) == 1
        && EVP_CIPHER_CTX_set_padding(cipher, 0) == 1 && EVP_CipherUpdate(cipher, out, &written, in, count) == 1
        && EVP_CipherFinal_ex(cipher, out + written, &rest) == 1 && written + rest == count;
    EVP_CIPHER_CTX_free(cipher);
    return done;
}
