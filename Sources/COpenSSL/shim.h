#ifndef HANQING_COPENSSL_SHIM_H
#define HANQING_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/opensslv.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

/* A macro too much for the importer: RFC 4514, but characters beyond ASCII stay as they are. */
static const unsigned long hanqingNameFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

/* Macros of casts and shifts. */
static const int hanqingVerifySignature = (int)TS_VFY_SIGNATURE;

/* OSSL_PARAM holds pointers that the importer would make temporary: the public key of a point, or
   NULL. The caller frees it. */
static inline EVP_PKEY *hanqing_sm2_public_key(const unsigned char *point, size_t count) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"SM2", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, count),
        OSSL_PARAM_construct_end(),
    };
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

#endif
