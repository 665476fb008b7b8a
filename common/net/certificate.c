/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/certificate.h"

#include <arpa/inet.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum {
    NAMES_MAX = 1024,  /* of names before they are cleaned and cut */
    SHOWN_NAMES = 120, /* so that issuer and date stay within an error's text */
    DATE_SIZE = 16,
};

static bool name_entry(char *out, size_t size, const X509_NAME *name, int nid)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *utf8 = NULL;

    if (at < 0)
        return false;
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len <= 0)
        return false;
    text_clean(out, size, slice_of(utf8, (size_t)len));
    OPENSSL_free(utf8);
    return out[0] != '\0';
}

void certificate_name(char *out, size_t size, const X509_NAME *name)
{
    if (!name_entry(out, size, name, NID_commonName) && !name_entry(out, size, name, NID_organizationName))
        out[0] = '\0';
}

static time_t time_of(const ASN1_TIME *time)
{
    struct tm tm;

    return ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm) : 0;
}

/* RFC 5280 section 4.2.1.6. Room that is not there ends the list: it is cut for the reader anyway. */
static bool append_name(struct buffer *out, const GENERAL_NAME *name)
{
    char address[INET6_ADDRSTRLEN];
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

    if (type != GEN_DNS && type != GEN_IPADD)
        return true;
    struct slice text = slice_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    if (type == GEN_IPADD) {
        if (text.len != 4 && text.len != 16)
            return true;
        inet_ntop(text.len == 4 ? AF_INET : AF_INET6, text.data, address, sizeof address);
        text = slice_from(address);
    }
    return buffer_append(out, text) && buffer_append_char(out, ' ');
}

static void read_names(struct certificate *out, const X509 *x509)
{
    struct buffer names = BUFFER_INIT(NAMES_MAX);
    GENERAL_NAMES *list = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
        if (!append_name(&names, sk_GENERAL_NAME_value(list, i))) {
            buffer_append_text(&names, "...");
            break;
        }
    }
    GENERAL_NAMES_free(list);
    text_clean(out->names, sizeof out->names, buffer_slice(&names));
    buffer_clear(&names);
}

void certificate_read(struct certificate *out, const X509 *x509)
{
    *out = (struct certificate){
        .known = true,
        .not_before = time_of(X509_get0_notBefore(x509)),
        .not_after = time_of(X509_get0_notAfter(x509)),
    };
    certificate_name(out->subject, sizeof out->subject, X509_get_subject_name(x509));
    certificate_name(out->issuer, sizeof out->issuer, X509_get_issuer_name(x509));
    read_names(out, x509);
    if (out->names[0] == '\0') /* of old; nobody matches it any more */
        slice_copy(out->names, sizeof out->names, slice_from(out->subject));
    if (out->subject[0] == '\0') {
        struct slice rest = slice_from(out->names), first = SLICE_EMPTY;
        slice_next_word(&rest, &first);
        slice_copy(out->subject, sizeof out->subject, first);
    }
}

static void date_text(char out[DATE_SIZE], time_t time)
{
    struct tm tm;

    if (gmtime_r(&time, &tm) == NULL || strftime(out, DATE_SIZE, "%Y-%m-%d", &tm) == 0)
        slice_copy(out, DATE_SIZE, SLICE("unknown"));
}

static bool refused(struct err *err, const char *why, const char *details)
{
    return err_set(err, FAULT_TLS_CERTIFICATE, STAGE_TLS, "certificate %s (%s)", why, details);
}

bool certificate_err(struct err *err, const struct certificate *c, const struct certificate_problem *problem,
                     const char *name, time_t now)
{
    char why[320], details[320], names[SHOWN_NAMES], from[DATE_SIZE], until[DATE_SIZE], issuer[160];
    bool expired = c->not_after <= now;

    if (!c->known)
        return err_set(err, FAULT_TLS_CERTIFICATE, STAGE_TLS, "the server showed no certificate");
    text_clean(names, sizeof names, c->names[0] != '\0' ? slice_from(c->names) : SLICE("no name"));
    date_text(from, c->not_before);
    date_text(until, c->not_after);
    snprintf(issuer, sizeof issuer, "issued by %s", c->issuer[0] != '\0' ? c->issuer : "a CA without a name");
    snprintf(details, sizeof details, "%s, %s, %s on %s", names, issuer, expired ? "expired" : "expires",
             until);

    if (problem->depth > 0 &&
        (problem->error == X509_V_ERR_CERT_HAS_EXPIRED || problem->error == X509_V_ERR_CERT_NOT_YET_VALID)) {
        snprintf(why, sizeof why, "hangs on the CA certificate \"%s\", which %s", problem->ca,
                 problem->error == X509_V_ERR_CERT_HAS_EXPIRED ? "has expired" : "is not valid yet");
        return refused(err, why, details);
    }
    switch (problem->error) {
    case X509_V_OK:
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        snprintf(why, sizeof why, "is for %s, not for %.128s", names, name);
        snprintf(details, sizeof details, "%s, %s on %s", issuer, expired ? "expired" : "expires", until);
        return refused(err, why, details);
    case X509_V_ERR_CERT_HAS_EXPIRED:
        snprintf(why, sizeof why, "expired on %s", until);
        snprintf(details, sizeof details, "%s, %s", names, issuer);
        return refused(err, why, details);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        snprintf(why, sizeof why, "is not valid before %s", from);
        return refused(err, why, details);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return refused(err, "is self-signed", details);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return refused(err, "is issued by an unknown CA", details);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return refused(
            err, "is issued by an unknown CA, or the server does not send the CA's intermediate certificate",
            details);
    default:
        snprintf(why, sizeof why, "is refused: %s", X509_verify_cert_error_string(problem->error));
        return refused(err, why, details);
    }
}
