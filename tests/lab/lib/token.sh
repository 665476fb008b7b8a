# SPDX-License-Identifier: GPL-3.0-or-later
# token.sh - OAuth2: what proves a client to the token endpoint, and the endpoint

token_secrets()
{
    local name

    umask 077
    echo "client-$(openssl rand -hex 16)" >"$LAB_DIR/secret/client-secret"
    echo "wrong-$(openssl rand -hex 16)" >"$LAB_DIR/secret/wrong-client-secret"
    for name in sender user wrong; do
        echo "1//refresh-$(openssl rand -hex 16)" >"$LAB_DIR/secret/refresh-token-$name"
    done
    service_account service-account
    service_account foreign-account # says the same, signs with another key
    openssl pkey -in "$LAB_DIR/secret/service-account.key" -pubout -out "$LAB_DIR/run/service-account.pub"
}

# service_account NAME: the JSON that Google would give
service_account()
{
    openssl genrsa -out "$LAB_DIR/secret/$1.key" 2048 2>/dev/null
    openssl pkcs8 -topk8 -nocrypt -in "$LAB_DIR/secret/$1.key" -out "$LAB_DIR/secret/$1.pk8"
    python3 -c 'import json, sys
print(json.dumps({"type": "service_account", "project_id": "lab", "private_key_id": "0123456789abcdef", "client_id": "1",
    "private_key": open(sys.argv[1]).read(), "client_email": "probe@lab.iam.example", "token_uri": sys.argv[2]}, indent=2))' \
        "$LAB_DIR/secret/$1.pk8" "https://$token_host:$token_port/token" >"$LAB_DIR/secret/$1.json"
    rm "$LAB_DIR/secret/$1.pk8"
}

token_start()
{
    launch token-endpoint python3 "$LAB_HOME/lib/tokenserver.py" "$LAB_DIR" "127.0.0.1:$token_port"
}
