#pragma once
#include <curl/curl.h>
#include <stdlib.h>

// `curl_easy_setopt` and `curl_easy_getinfo` take anything, which Swift cannot call; these name the kinds of argument.

typedef size_t (*ccurl_transfer)(char *bytes, size_t size, size_t count, void *context);
typedef int (*ccurl_progress)(
    void *context, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total, curl_off_t uploaded);

static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_transfer(CURL *handle, CURLoption option, ccurl_transfer value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_progress(CURL *handle, CURLoption option, ccurl_progress value) {
    return curl_easy_setopt(handle, option, value);
}

/// Certificates of `SSL_CERT_FILE`, where that is set, in place of the system's: OpenSSL's own name for it, which libcurl
/// leaves to its caller.
static inline CURLcode ccurl_set_trust(CURL *handle) {
    const char *file = getenv("SSL_CERT_FILE");
    return file && *file ? curl_easy_setopt(handle, CURLOPT_CAINFO, file) : CURLE_OK;
}

typedef int (*ccurl_ready)(void *context, char *their_address, char *our_address, int their_port, int our_port);

/// Asked whenever a request is about to be written to a connection.
static inline CURLcode ccurl_set_ready(CURL *handle, ccurl_ready ask, void *context) {
    CURLcode status = curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, ask);
    return status ? status : curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
}

static inline CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode ccurl_get_text(CURL *handle, CURLINFO info, const char **value) {
    char *text = NULL;
    CURLcode status = curl_easy_getinfo(handle, info, &text);
    *value = text;
    return status;
}
