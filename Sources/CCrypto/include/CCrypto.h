#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/ecdsa.h>
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
    if (count > 0 && count <= room) {
        for (int i = 0; i < count; i++) der[i] = encoded[i];
    } else {
        count = 0;
    }
    OPENSSL_free(encoded);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    return count;
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
        count = i2d_PUBKEY(key, &encoded);
        if (count > 0 && count <= room) {
            for (int i = 0; i < count; i++) out[i] = encoded[i];
        } else {
            count = 0;
        }
        OPENSSL_free(encoded);
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
    if (count > 0 && count <= room) {
        for (int i = 0; i < count; i++) der[i] = encoded[i];
    } else {
        count = 0;
    }
    OPENSSL_free(encoded);
    EVP_PKEY_free(key);
    return count;
}
