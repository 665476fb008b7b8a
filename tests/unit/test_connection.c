/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cli/connection.h"
#include "common/cli/hostname.h"

/* ---- names and ports ---- */

static void test_hosts(void **state)
{
    static const struct {
        const char *text, *host; /* host NULL: refused */
    } rows[] = {
        {"mail.example.com", "mail.example.com"},
        {"mail.example.com.", "mail.example.com."},
        {"localhost", "localhost"},
        {"_host_1", "_host_1"},
        {"m\xc3\xbcll.example", "m\xc3\xbcll.example"},
        {"192.0.2.1", "192.0.2.1"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"::1", "::1"},
        {"", NULL},
        {".", NULL},
        {".example", NULL},
        {"a..b", NULL},
        {"a..", NULL},
        {"-a", NULL},
        {"a b", NULL},
        {"a/b", NULL},
        {"user@a", NULL},
        {"a:25", NULL},
        {"imap://a", NULL},
        {"a?b", NULL},
        {"a#b", NULL},
        {"a%25", NULL},
        {"a\\b", NULL},
        {"a,b", NULL},
        {"a\r\nb", NULL},
        {"a\x7f", NULL},
        {"\xff", NULL},
        {"[192.0.2.1]", NULL},
        {"[mail.example]", NULL},
        {"[::1", NULL},
        {"::1]", NULL},
        {"[]", NULL},
        {"1:2", NULL},
        {"fe80::1%eth0", NULL},
    };
    char name[300];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char host[DOMAIN_MAX];
        CHECK_ROW(rows[i].text, host_parse(slice_from(rows[i].text), host) == (rows[i].host != NULL));
        if (rows[i].host != NULL)
            CHECK_ROW_TEXT(rows[i].text, host, rows[i].host);
    }
    memset(name, 'a', sizeof name);
    assert_true(host_parse(slice_of(name, 253), (char[DOMAIN_MAX]){0}));
    assert_false(host_parse(slice_of(name, 254), (char[DOMAIN_MAX]){0}));
    assert_false(host_parse(slice_of(name, 300), (char[DOMAIN_MAX]){0}));
    assert_false(host_parse(slice_of("a\0b", 3), (char[DOMAIN_MAX]){0}));
}

static void test_hosts_with_ports(void **state)
{
    static const struct {
        const char *text, *host; /* host NULL: refused */
        unsigned port;
    } rows[] = {
        {"a", "a", 0},           {"a:25", "a", 25},
        {"a:65535", "a", 65535}, {"192.0.2.1:53", "192.0.2.1", 53},
        {"[::1]", "::1", 0},     {"[::1]:53", "::1", 53},
        {"::1", "::1", 0},       {"2001:db8::1:53", "2001:db8::1:53", 0},
        {"a:", NULL, 0},         {"a:0", NULL, 0},
        {"a:65536", NULL, 0},    {"a:4294967321", NULL, 0},
        {"a:+25", NULL, 0},      {"a: 25", NULL, 0},
        {"a:25:26", NULL, 0},    {":25", NULL, 0},
        {"[::1]:", NULL, 0},     {"[::1]25", NULL, 0},
        {"[a]:25", NULL, 0},     {"[::1", NULL, 0},
        {"", NULL, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char host[DOMAIN_MAX];
        unsigned port;
        CHECK_ROW(rows[i].text,
                  host_port_parse(slice_from(rows[i].text), host, &port) == (rows[i].host != NULL));
        if (rows[i].host != NULL) {
            CHECK_ROW_TEXT(rows[i].text, host, rows[i].host);
            CHECK_ROW(rows[i].text, port == rows[i].port);
        }
    }
    assert_true(address_port_parse(SLICE("[::1]:53"), (char[DOMAIN_MAX]){0}, &(unsigned){0}));
    assert_true(address_port_parse(SLICE("192.0.2.1"), (char[DOMAIN_MAX]){0}, &(unsigned){0}));
    assert_false(address_port_parse(SLICE("dns.example"), (char[DOMAIN_MAX]){0}, &(unsigned){0}));
    assert_false(address_port_parse(SLICE("192.0.2:53"), (char[DOMAIN_MAX]){0}, &(unsigned){0}));
}

/* ---- endpoints ---- */

static char password_file[32], token_file[32], netrc_file[32];

static void write_file(char path[32], const char *content)
{
    strcpy(path, "/tmp/mailproof-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

static int make_files(void **state)
{
    (void)state;
    write_file(password_file, "secret\n");
    write_file(token_file, "token\n");
    write_file(netrc_file, "machine b login other password no\nmachine a login probe password fromnetrc\n");
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    return unlink(password_file) | unlink(token_file) | unlink(netrc_file);
}

/* in tables: */
#define HOST(value)  [CONNECTION_HOSTNAME] = (value)
#define PORT(value)  [CONNECTION_PORT] = (value)
#define TLS(value)   [CONNECTION_TLS] = (value)
#define USER(value)  [CONNECTION_USERNAME] = (value)
#define AUTH(value)  [CONNECTION_AUTH] = (value)
#define PASSWORD     [CONNECTION_PASSWORD_FILE] = password_file
#define TOKEN        [CONNECTION_OAUTH2_TOKEN_FILE] = token_file
#define NETRC        [CONNECTION_NETRC_FILE] = netrc_file
#define PROXY(value) [CONNECTION_PROXY] = (value)
#define URL(value)   [CONNECTION_OAUTH2_TOKEN_URL] = (value)
#define CLIENT       [CONNECTION_OAUTH2_CLIENT_ID] = "c"
#define CLIENT_KEY   [CONNECTION_OAUTH2_CLIENT_SECRET_FILE] = password_file
#define REFRESH      [CONNECTION_OAUTH2_REFRESH_TOKEN_FILE] = token_file
#define SCOPE(value) [CONNECTION_OAUTH2_SCOPE] = (value)
#define ACCOUNT      [CONNECTION_OAUTH2_SERVICE_ACCOUNT] = token_file

static void test_ports_and_tls(void **state)
{
    static const struct {
        const char *name;
        const char *value[CONNECTION_VALUE_COUNT];
        enum protocol protocol;
        enum connection_use use;
        unsigned port;
        enum tls_mode tls;
    } rows[] = {
        {"submission", {HOST("a")}, PROTOCOL_SMTP, CONNECTION_TO_HOST, 587, TLS_STARTTLS},
        {"submission, implicit",
         {HOST("a"), TLS("implicit")},
         PROTOCOL_SMTP,
         CONNECTION_TO_HOST,
         465,
         TLS_IMPLICIT},
        {"submission, none", {HOST("a"), TLS("none")}, PROTOCOL_SMTP, CONNECTION_TO_HOST, 587, TLS_NONE},
        {"port 465", {HOST("a"), PORT("465")}, PROTOCOL_SMTP, CONNECTION_TO_HOST, 465, TLS_IMPLICIT},
        {"port 465, starttls",
         {HOST("a"), PORT("465"), TLS("starttls")},
         PROTOCOL_SMTP,
         CONNECTION_TO_HOST,
         465,
         TLS_STARTTLS},
        {"port 25", {HOST("a"), PORT("25")}, PROTOCOL_SMTP, CONNECTION_TO_HOST, 25, TLS_STARTTLS},
        {"mx", {NULL}, PROTOCOL_SMTP, CONNECTION_TO_MX, 25, TLS_STARTTLS},
        {"mx, opportunistic", {TLS("opportunistic")}, PROTOCOL_SMTP, CONNECTION_TO_MX, 25, TLS_OPPORTUNISTIC},
        {"mx on another port", {PORT("2525")}, PROTOCOL_SMTP, CONNECTION_TO_MX, 2525, TLS_STARTTLS},
        {"imap", {HOST("a")}, PROTOCOL_IMAP, CONNECTION_TO_HOST, 143, TLS_STARTTLS},
        {"imap, implicit",
         {HOST("a"), TLS("implicit")},
         PROTOCOL_IMAP,
         CONNECTION_TO_HOST,
         993,
         TLS_IMPLICIT},
        {"port 993", {HOST("a"), PORT("993")}, PROTOCOL_IMAP, CONNECTION_TO_HOST, 993, TLS_IMPLICIT},
        {"pop3", {HOST("a")}, PROTOCOL_POP3, CONNECTION_TO_HOST, 110, TLS_STARTTLS},
        {"pop3, implicit",
         {HOST("a"), TLS("implicit")},
         PROTOCOL_POP3,
         CONNECTION_TO_HOST,
         995,
         TLS_IMPLICIT},
        {"port 995", {HOST("a"), PORT("995")}, PROTOCOL_POP3, CONNECTION_TO_HOST, 995, TLS_IMPLICIT},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connection_args args = {.prefix = ""};
        struct connection_store store = {0};
        struct endpoint e = ENDPOINT_INIT;
        struct err err = ERR_NONE;
        memcpy(args.value, rows[i].value, sizeof args.value);
        bool ok = connection_read(&e, &store, &args, NULL, rows[i].protocol, rows[i].use, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name,
                  ok && e.port == rows[i].port && e.tls == rows[i].tls && e.protocol == rows[i].protocol);
        CHECK_ROW(rows[i].name, (e.host != NULL) == (rows[i].use == CONNECTION_TO_HOST));
        CHECK_ROW(rows[i].name, e.login.username == NULL && !e.insecure && e.family == FAMILY_ANY);
        connection_store_clear(&store);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *name;
        const char *value[CONNECTION_VALUE_COUNT];
        const char *text; /* how it begins */
    } rows[] = {
        {"no host", {NULL}, "--smtp-hostname is needed: the server's name or address"},
        {"host with port",
         {HOST("a:25")},
         "--smtp-hostname takes a host name or an address and nothing else (a port goes into --smtp-port), "
         "not \"a:25\""},
        {"host as url", {HOST("imap://a/")}, "--smtp-hostname takes a host name"},
        {"port 0", {HOST("a"), PORT("0")}, "--smtp-port takes a number from 1 to 65535, not \"0\""},
        {"port too big", {HOST("a"), PORT("65536")}, "--smtp-port takes"},
        {"port that int would cut to 25", {HOST("a"), PORT("4294967321")}, "--smtp-port takes"},
        {"port by name", {HOST("a"), PORT("smtp")}, "--smtp-port takes"},
        {"port with sign", {HOST("a"), PORT("+25")}, "--smtp-port takes"},
        {"port in hex", {HOST("a"), PORT("0x19")}, "--smtp-port takes"},
        {"port with blank", {HOST("a"), PORT("25 ")}, "--smtp-port takes"},
        {"tls word",
         {HOST("a"), TLS("ssl")},
         "--smtp-tls takes starttls, implicit, opportunistic or none, not \"ssl\""},
        {"tls prefix", {HOST("a"), TLS("start")}, "--smtp-tls takes"},
        {"tls case", {HOST("a"), TLS("STARTTLS")}, "--smtp-tls takes"},
        {"tls version",
         {HOST("a"), [CONNECTION_TLS_MIN] = "TLSv1.2"},
         "--smtp-tls-min takes 1.0, 1.1, 1.2 or 1.3, not \"TLSv1.2\""},
        {"tls name",
         {HOST("a"), [CONNECTION_TLS_NAME] = "a b"},
         "--smtp-tls-name takes the name in a certificate"},
        {"key alone",
         {HOST("a"), [CONNECTION_CLIENT_KEY] = "k"},
         "--smtp-client-key is of no use without --smtp-client-cert"},
        {"connect-to", {HOST("a"), [CONNECTION_CONNECT_TO] = "b:x"}, "--smtp-connect-to takes HOST[:PORT]"},
        {"user alone",
         {HOST("a"), USER("u")},
         "--smtp-username needs a password or token: --smtp-password-file,"},
        {"password alone", {HOST("a"), PASSWORD}, "--smtp-password-file needs --smtp-username: whose is it?"},
        {"token alone", {HOST("a"), TOKEN}, "--smtp-oauth2-token-file needs --smtp-username"},
        {"two secrets",
         {HOST("a"), USER("u"), PASSWORD, TOKEN},
         "--smtp-password-file and --smtp-oauth2-token-file exclude each other"},
        {"mechanism", {HOST("a"), USER("u"), PASSWORD, AUTH("NTLM")}, "--smtp-auth takes SCRAM-SHA-256,"},
        {"mechanism prefix",
         {HOST("a"), USER("u"), PASSWORD, AUTH("SCRAM")},
         "--smtp-auth takes SCRAM-SHA-256,"},
        {"mechanism without credentials", {HOST("a"), AUTH("PLAIN")}, "--smtp-auth=PLAIN needs a password:"},
        {"token for a password's",
         {HOST("a"), USER("u"), TOKEN, AUTH("plain")},
         "--smtp-auth=PLAIN needs a password:"},
        {"password for a token's",
         {HOST("a"), USER("u"), PASSWORD, AUTH("xoauth2")},
         "--smtp-auth=XOAUTH2 needs a token: --smtp-oauth2-token-file"},
        {"external without certificate",
         {HOST("a"), AUTH("EXTERNAL")},
         "--smtp-auth=EXTERNAL signs in by certificate: --smtp-client-cert is needed"},
        {"external with password",
         {HOST("a"), USER("u"), PASSWORD, AUTH("EXTERNAL"), [CONNECTION_CLIENT_CERT] = "c"},
         "--smtp-auth=EXTERNAL takes no password or token, but --smtp-password-file is given"},
        {"login in clear",
         {HOST("a"), USER("u"), PASSWORD, TLS("none")},
         "with --smtp-tls=none the login would cross the network unencrypted: add "
         "--smtp-allow-plaintext-auth"},
        {"no such password file",
         {HOST("a"), USER("u"), [CONNECTION_PASSWORD_FILE] = "/nonexistent/x"},
         "cannot open /nonexistent/x"},
        {"no such variable",
         {HOST("a"), USER("u"), [CONNECTION_PASSWORD_ENV] = "MAILPROOF_NONE_SUCH"},
         "the environment has no MAILPROOF_NONE_SUCH"},
        {"not in the netrc", {HOST("c"), NETRC}, "/tmp/mailproof-test-"},
        {"token URL of plain HTTP",
         {HOST("a"), USER("u"), URL("http://127.0.0.1/"), CLIENT, REFRESH},
         "the URL of --smtp-oauth2-token-url has to begin with https://"},
        {"token URL with user data",
         {HOST("a"), USER("u"), URL("https://u:hunter2@x/"), CLIENT, REFRESH},
         "the URL of --smtp-oauth2-token-url may not hold a user name or password"},
        {"no client",
         {HOST("a"), USER("u"), URL("https://x/"), REFRESH},
         "--smtp-oauth2-token-url needs --smtp-oauth2-client-id"},
        {"client without proof",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT},
         "--smtp-oauth2-token-url needs --smtp-oauth2-refresh-token-file, --smtp-oauth2-client-secret-file "
         "or both"},
        {"client alone",
         {HOST("a"), USER("u"), PASSWORD, CLIENT},
         "--smtp-oauth2-client-id is of no use without --smtp-oauth2-token-url"},
        {"client secret alone",
         {HOST("a"), USER("u"), CLIENT_KEY},
         "--smtp-oauth2-client-secret-file is of no use without --smtp-oauth2-token-url"},
        {"refresh token beside a token",
         {HOST("a"), USER("u"), TOKEN, REFRESH},
         "--smtp-oauth2-refresh-token-file is of no use without --smtp-oauth2-token-url"},
        {"scope alone",
         {HOST("a"), USER("u"), TOKEN, SCOPE("s")},
         "--smtp-oauth2-scope is of no use without --smtp-oauth2-token-url or --smtp-oauth2-service-account"},
        {"scope with quotes",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, REFRESH, SCOPE("a\"b")},
         "--smtp-oauth2-scope takes words of visible ASCII"},
        {"fetched and given",
         {HOST("a"), USER("u"), TOKEN, URL("https://x/"), CLIENT, REFRESH},
         "--smtp-oauth2-token-file and --smtp-oauth2-token-url exclude each other"},
        {"fetched beside a password",
         {HOST("a"), USER("u"), PASSWORD, ACCOUNT},
         "--smtp-password-file and --smtp-oauth2-service-account exclude each other"},
        {"service account with URL",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, REFRESH, ACCOUNT},
         "--smtp-oauth2-token-url and --smtp-oauth2-service-account exclude each other"},
        {"service account with client",
         {HOST("a"), USER("u"), CLIENT, ACCOUNT},
         "--smtp-oauth2-client-id and --smtp-oauth2-service-account exclude each other"},
        {"no service account", {HOST("a"), USER("u"), ACCOUNT}, "/tmp/mailproof-test-"},
        {"fetched token for a password's",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, REFRESH, AUTH("PLAIN")},
         "--smtp-auth=PLAIN needs a password:"},
        {"fetched token in clear",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, REFRESH, TLS("none")},
         "with --smtp-tls=none the login would cross the network unencrypted"},
        {"no such refresh token",
         {HOST("a"), USER("u"), URL("https://x/"),
          CLIENT, [CONNECTION_OAUTH2_REFRESH_TOKEN_FILE] = "/nonexistent/x"},
         "cannot open /nonexistent/x"},
        {"token URL without user",
         {HOST("a"), URL("https://x/"), CLIENT, REFRESH},
         "--smtp-oauth2-token-url needs --smtp-username"},
        {"service account for nobody",
         {HOST("a"), ACCOUNT},
         "--smtp-oauth2-service-account needs --smtp-username: whose is it?"},
        {"proxy scheme", {HOST("a"), PROXY("https://p:1")}, "--smtp-proxy takes socks5://HOST:PORT,"},
        {"proxy socks4", {HOST("a"), PROXY("socks4://p:1")}, "--smtp-proxy takes"},
        {"proxy without scheme", {HOST("a"), PROXY("p:1080")}, "--smtp-proxy takes"},
        {"proxy without port", {HOST("a"), PROXY("socks5://p")}, "--smtp-proxy takes"},
        {"proxy with path", {HOST("a"), PROXY("http://p:1/x")}, "--smtp-proxy takes"},
        {"proxy with user data",
         {HOST("a"), PROXY("socks5://u:hunter2@p:1")},
         "--smtp-proxy takes no user name or password in the URL: use --smtp-proxy-username and "
         "--smtp-proxy-password-file"},
        {"proxy user alone",
         {HOST("a"), [CONNECTION_PROXY_USERNAME] = "u"},
         "--smtp-proxy-username is of no use without --smtp-proxy"},
        {"proxy password alone",
         {HOST("a"), PROXY("http://p:1"), [CONNECTION_PROXY_PASSWORD_FILE] = password_file},
         "--smtp-proxy-password-file is of no use without --smtp-proxy-username"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connection_args args = {.prefix = "smtp-"}, none = {.prefix = ""};
        struct connection_store store = {0};
        struct endpoint e = ENDPOINT_INIT;
        struct err err = ERR_NONE;
        memcpy(args.value, rows[i].value, sizeof args.value);
        CHECK_ROW(rows[i].name,
                  !connection_read(&e, &store, &args, &none, PROTOCOL_SMTP, CONNECTION_TO_HOST, &err));
        if (strncmp(err.text, rows[i].text, strlen(rows[i].text)) != 0)
            CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW(rows[i].name, err.kind == FAULT_USAGE || err.kind == FAULT_CONFIG);
        CHECK_ROW(rows[i].name, strstr(err.text, "hunter2") == NULL);
        endpoint_clear(&e);
        connection_store_clear(&store);
    }
}

static void test_logins(void **state)
{
    static const struct {
        const char *name;
        const char *value[CONNECTION_VALUE_COUNT];
        const char *username, *password, *token, *mechanism; /* NULL: none */
    } rows[] = {
        {"none", {HOST("a")}, NULL, NULL, NULL, NULL},
        {"password", {HOST("a"), USER("u"), PASSWORD}, "u", "secret", NULL, NULL},
        {"token", {HOST("a"), USER("u"), TOKEN}, "u", NULL, "token", NULL},
        {"mechanism in any case",
         {HOST("a"), USER("u"), PASSWORD, AUTH("scram-sha-256")},
         "u",
         "secret",
         NULL,
         "SCRAM-SHA-256"},
        {"token mechanism", {HOST("a"), USER("u"), TOKEN, AUTH("XOAUTH2")}, "u", NULL, "token", "XOAUTH2"},
        {"netrc", {HOST("a"), NETRC}, "probe", "fromnetrc", NULL, NULL},
        {"netrc, host in capitals", {HOST("A"), NETRC}, "probe", "fromnetrc", NULL, NULL},
        {"netrc by user", {HOST("b"), USER("other"), NETRC}, "other", "no", NULL, NULL},
        {"external",
         {HOST("a"), AUTH("external"), [CONNECTION_CLIENT_CERT] = "c"},
         "",
         NULL,
         NULL,
         "EXTERNAL"},
        {"external as somebody",
         {HOST("a"), AUTH("EXTERNAL"), USER("u"), [CONNECTION_CLIENT_CERT] = "c"},
         "u",
         NULL,
         NULL,
         "EXTERNAL"},
        {"gssapi", {HOST("a"), AUTH("GSSAPI"), USER("u")}, "u", NULL, NULL, "GSSAPI"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connection_args args = {.prefix = ""};
        struct connection_store store = {0};
        struct endpoint e = ENDPOINT_INIT;
        struct err err = ERR_NONE;
        memcpy(args.value, rows[i].value, sizeof args.value);
        bool ok = connection_read(&e, &store, &args, NULL, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name, ok);
        CHECK_ROW(rows[i].name, (e.login.username == NULL) == (rows[i].username == NULL));
        CHECK_ROW(rows[i].name, rows[i].username == NULL || strcmp(e.login.username, rows[i].username) == 0);
        CHECK_ROW(rows[i].name, e.login.password.set == (rows[i].password != NULL));
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&e.login.password), slice_from(rows[i].password)));
        CHECK_ROW(rows[i].name, e.login.token.set == (rows[i].token != NULL));
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&e.login.token), slice_from(rows[i].token)));
        CHECK_ROW(rows[i].name, (e.login.mechanism == NULL) == (rows[i].mechanism == NULL));
        CHECK_ROW(rows[i].name,
                  rows[i].mechanism == NULL || strcmp(e.login.mechanism, rows[i].mechanism) == 0);
        endpoint_clear(&e);
        connection_store_clear(&store);
    }
}

static void test_everything_arrives(void **state)
{
    const struct connection_args args = {
        .prefix = "",
        .value = {HOST("[2001:db8::1]"), PORT("10587"), TLS("opportunistic"), PROXY("socks5h://[::1]:1080/"),
                  USER("u"),
                  PASSWORD, [CONNECTION_CONNECT_TO] = "[2001:db8::2]:26", [CONNECTION_CA_FILE] = "f",
                  [CONNECTION_CA_PATH] = "d", [CONNECTION_CLIENT_CERT] = "c", [CONNECTION_CLIENT_KEY] = "k",
                  [CONNECTION_TLS_MIN] = "1.3", [CONNECTION_TLS_NAME] = "mail.example",
                  [CONNECTION_PROXY_USERNAME] = "pu", [CONNECTION_PROXY_PASSWORD_FILE] = token_file},
        .use_ipv6 = true,
        .insecure = true,
        .allow_plaintext_auth = true,
    };
    struct connection_store store = {0};
    struct endpoint e = ENDPOINT_INIT;
    struct err err;
    (void)state;

    assert_true(connection_read(&e, &store, &args, NULL, PROTOCOL_SMTP, CONNECTION_TO_HOST, &err));
    assert_string_equal(e.host, "2001:db8::1");
    assert_int_equal(e.port, 10587);
    assert_int_equal(e.tls, TLS_OPPORTUNISTIC);
    assert_int_equal(e.tls_min, TLS_VERSION_1_3);
    assert_string_equal(e.tls_name, "mail.example");
    assert_string_equal(e.ca_file, "f");
    assert_string_equal(e.ca_path, "d");
    assert_string_equal(e.client_cert, "c");
    assert_string_equal(e.client_key, "k");
    assert_string_equal(e.connect_host, "2001:db8::2");
    assert_int_equal(e.connect_port, 26);
    assert_string_equal(e.proxy, "socks5h://[::1]:1080/");
    assert_string_equal(e.proxy_username, "pu");
    assert_true(slice_eq(secret_slice(&e.proxy_password), SLICE("token")));
    assert_int_equal(e.family, FAMILY_IPV6);
    assert_true(e.insecure && e.login.allow_plaintext);
    endpoint_clear(&e);
    connection_store_clear(&store);
}

static void test_addresses_of_both_families(void **state)
{
    const struct connection_args args = {
        .prefix = "", .value = {HOST("a")}, .use_ipv4 = true, .use_ipv6 = true};
    struct connection_store store = {0};
    struct endpoint e = ENDPOINT_INIT;
    struct err err;
    (void)state;

    assert_false(connection_read(&e, &store, &args, NULL, PROTOCOL_SMTP, CONNECTION_TO_HOST, &err));
    assert_string_equal(err.text, "--use-ipv4 and --use-ipv6 exclude each other");
    connection_store_clear(&store);
}

/* ---- two sides ---- */

static void test_unprefixed_serves_both(void **state)
{
    const struct connection_args common = {
        .prefix = "",
        .value =
            {HOST("a"),
             USER("u"), [CONNECTION_PASSWORD_ENV] = "MAILPROOF_TEST_PASSWORD", [CONNECTION_CA_FILE] = "f"},
        .use_ipv4 = true,
        .insecure = true};
    const struct connection_args smtp = {.prefix = "smtp-",
                                         .value = {PORT("25"), USER("v"), [CONNECTION_CA_PATH] = "d"}};
    const struct connection_args imap = {.prefix = "imap-", .value = {HOST("b"), TOKEN}, .use_ipv6 = true};
    struct connection_store store = {0};
    struct endpoint one = ENDPOINT_INIT, two = ENDPOINT_INIT, three = ENDPOINT_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(setenv("MAILPROOF_TEST_PASSWORD", "shared", 1), 0);
    assert_true(connection_read(&one, &store, &smtp, &common, PROTOCOL_SMTP, CONNECTION_TO_HOST, &err));
    assert_string_equal(one.host, "a");
    assert_int_equal(one.port, 25);
    assert_string_equal(one.login.username, "v");
    assert_true(slice_eq(secret_slice(&one.login.password), SLICE("shared")));
    assert_null(one.ca_file); /* its own --smtp-ca-path stands for both */
    assert_string_equal(one.ca_path, "d");
    assert_true(one.family == FAMILY_IPV4 && one.insecure);

    assert_true(connection_read(&two, &store, &imap, &common, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err));
    assert_string_equal(two.host, "b");
    assert_int_equal(two.port, 143);
    assert_string_equal(two.login.username, "u");
    assert_false(two.login.password.set); /* its own token stands in for the password */
    assert_true(slice_eq(secret_slice(&two.login.token), SLICE("token")));
    assert_string_equal(two.ca_file, "f");
    assert_true(two.family == FAMILY_IPV6 && two.insecure);

    /* gone from the environment, but not for the other side */
    assert_null(getenv("MAILPROOF_TEST_PASSWORD"));
    const struct connection_args plain = {.prefix = "imap-"};
    assert_true(connection_read(&three, &store, &plain, &common, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err));
    assert_true(slice_eq(secret_slice(&three.login.password), SLICE("shared")));

    endpoint_clear(&one);
    endpoint_clear(&two);
    endpoint_clear(&three);
    connection_store_clear(&store);
}

static void test_errors_name_the_option_that_was_given(void **state)
{
    const struct connection_args common = {.prefix = "", .value = {HOST("a"), PORT("x")}};
    const struct connection_args own = {.prefix = "imap-", .value = {TLS("x")}}, none = {.prefix = "imap-"};
    struct connection_store store = {0};
    struct endpoint e = ENDPOINT_INIT;
    struct err err;
    (void)state;

    assert_false(connection_read(&e, &store, &own, &common, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err));
    assert_non_null(strstr(err.text, "--imap-tls takes"));
    assert_false(connection_read(&e, &store, &none, &common, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err));
    assert_non_null(strstr(err.text, "--port takes"));
    connection_store_clear(&store);
}

static void test_mx_has_no_host(void **state)
{
    const struct connection_args args = {.prefix = "", .value = {HOST("a")}};
    const struct connection_args netrc = {.prefix = "", .value = {NETRC}};
    struct connection_store store = {0};
    struct endpoint e = ENDPOINT_INIT;
    struct err err;
    (void)state;

    assert_false(connection_read(&e, &store, &args, NULL, PROTOCOL_SMTP, CONNECTION_TO_MX, &err));
    assert_string_equal(err.text, "--hostname and --mx exclude each other: either names where to connect");
    assert_false(connection_read(&e, &store, &netrc, NULL, PROTOCOL_SMTP, CONNECTION_TO_MX, &err));
    assert_non_null(strstr(err.text, "--netrc-file goes by --hostname"));
    connection_store_clear(&store);
}

static void test_given(void **state)
{
    const struct connection_args none = {.prefix = ""},
                                 port = {.prefix = "", .value = {PORT("1"), TLS("none")}};
    const struct connection_args flag = {.prefix = "", .insecure = true};
    (void)state;

    assert_null(connection_given(&none));
    assert_string_equal(connection_given(&port), "port");
    assert_string_equal(connection_given(&flag), "insecure");
}

static void test_tokens_to_fetch(void **state)
{
    static const struct {
        const char *name;
        const char *value[CONNECTION_VALUE_COUNT];
        enum oauth2_grant grant;
        const char *secret, *refresh_token, *scope; /* NULL: none */
    } rows[] = {
        {"public client",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, REFRESH},
         OAUTH2_REFRESH_TOKEN,
         NULL,
         "token",
         NULL},
        {"client with both",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, CLIENT_KEY, REFRESH},
         OAUTH2_REFRESH_TOKEN,
         "secret",
         "token",
         NULL},
        {"client credentials",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, CLIENT_KEY, SCOPE("s t")},
         OAUTH2_CLIENT_CREDENTIALS,
         "secret",
         NULL,
         "s t"},
        {"by name",
         {HOST("a"), USER("u"), URL("https://x/"), CLIENT, CLIENT_KEY, AUTH("XOAUTH2")},
         OAUTH2_CLIENT_CREDENTIALS,
         "secret",
         NULL,
         NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connection_args args = {.prefix = "imap-"};
        struct connection_store store = {.state_dir = "dir"};
        struct endpoint e = ENDPOINT_INIT;
        struct err err = ERR_NONE;
        memcpy(args.value, rows[i].value, sizeof args.value);
        bool ok = connection_read(&e, &store, &args, NULL, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name, ok && e.login.oauth2 != NULL && !e.login.token.set && !e.login.password.set);
        const struct oauth2 *o = e.login.oauth2;
        CHECK_ROW(rows[i].name, o->grant == rows[i].grant && !o->token.set);
        CHECK_ROW_TEXT(rows[i].name, o->username, "u");
        CHECK_ROW_TEXT(rows[i].name, o->state_dir, "dir");
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&o->client_secret), slice_from(rows[i].secret)));
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&o->refresh_token), slice_from(rows[i].refresh_token)));
        CHECK_ROW(rows[i].name, slice_eq(slice_from(o->scope), slice_from(rows[i].scope)));
        endpoint_clear(&e);
        connection_store_clear(&store);
    }
}

static void test_token_options_fall_back_together(void **state)
{
    const struct connection_args common = {.prefix = "",
                                           .value = {USER("u"), URL("https://x/"), CLIENT, REFRESH}};
    const struct connection_args smtp = {.prefix = "smtp-", .value = {HOST("a")}},
                                 imap = {.prefix = "imap-", .value = {HOST("b"), PASSWORD}},
                                 half = {.prefix = "imap-", .value = {HOST("b"), CLIENT_KEY}};
    struct connection_store store = {.state_dir = "dir"};
    struct endpoint one = ENDPOINT_INIT, two = ENDPOINT_INIT, three = ENDPOINT_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_true(connection_read(&one, &store, &smtp, &common, PROTOCOL_SMTP, CONNECTION_TO_HOST, &err));
    assert_non_null(one.login.oauth2);
    assert_string_equal(one.login.oauth2->state_dir, "dir");
    assert_true(connection_read(&two, &store, &imap, &common, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err));
    assert_true(two.login.oauth2 == NULL && two.login.password.set);
    assert_false(connection_read(&three, &store, &half, &common, PROTOCOL_IMAP, CONNECTION_TO_HOST, &err));
    assert_string_equal(err.text,
                        "--imap-oauth2-client-secret-file is of no use without --imap-oauth2-token-url");
    endpoint_clear(&one);
    endpoint_clear(&two);
    endpoint_clear(&three);
    connection_store_clear(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_hosts_with_ports),
        cmocka_unit_test(test_ports_and_tls),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_logins),
        cmocka_unit_test(test_everything_arrives),
        cmocka_unit_test(test_addresses_of_both_families),
        cmocka_unit_test(test_unprefixed_serves_both),
        cmocka_unit_test(test_errors_name_the_option_that_was_given),
        cmocka_unit_test(test_mx_has_no_host),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_tokens_to_fetch),
        cmocka_unit_test(test_token_options_fall_back_together),
    };

    return cmocka_run_group_tests_name("connection", tests, make_files, remove_files);
}
