#pragma once
#include <curl/curl.h>

// Swift calls no function with a variable number of arguments.

static inline CURLcode curl_set_number(CURL *transfer, CURLoption option, long value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode curl_set_text(CURL *transfer, CURLoption option, const char *value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode curl_set_pointer(CURL *transfer, CURLoption option, void *value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode curl_set_receiver(CURL *transfer, CURLoption option, curl_write_callback value) {
    return curl_easy_setopt(transfer, option, value);
}

/// A copy of it is sent.
static inline CURLcode curl_set_body(CURL *transfer, const void *bytes, long long count) {
    CURLcode code = curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : curl_easy_setopt(transfer, CURLOPT_COPYPOSTFIELDS, bytes);
}

static inline long curl_status_code(CURL *transfer) {
    long code = 0;
    curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/// A transfer that is given up while its host's name is looked up does not wait for the system's resolver.
static inline void curl_leave_resolver(CURL *transfer) {
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(transfer, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)transfer;
#endif
}
