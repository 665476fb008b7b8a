# SPDX-License-Identifier: GPL-3.0-or-later
"""check_dmarc_align and SPF through real DNS answers, the odd and the broken ones too (tests/lab/dnsserver.py)."""
import json
import os
import subprocess

from harness import LAB_TOOLS, expect, run, start_and_end_s

ZONE = {
    "plain.example": [{"TXT": "v=spf1 a:host.plain.example -all"}],
    "host.plain.example": [{"A": "192.0.2.1"}],
    "split.example": [{"TXT": ["v=spf1 ip4:192.0", ".2.1 -all"]}],
    "empty.example": [{"TXT": []}, {"TXT": "v=spf1 ip4:192.0.2.1 -all"}],
    "bytes.example": [{"TXT": "v=spf1 a:\u00e9\u00ff.example -all"}],
    "two.example": [{"TXT": "v=spf1 +all"}, {"TXT": "v=spf1 -all"}],
    "big.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}, {"TXT": "x" * 2000}],
    "truncate.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}, "TRUNCATE"],
    "notcp.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}, "NOTCP"],
    "alias.example": [{"CNAME": "plain.example"}],
    "loop.example": [{"CNAME": "pool.example"}],
    "pool.example": [{"CNAME": "loop.example"}],
    "slow.example": ["TIMEOUT"],
    "slowhost.example": [{"TXT": "v=spf1 a:silent.example -all"}],
    "silent.example": [{"AAAA": "2001:db8::1"}, "TIMEOUT"],
    "broken.example": ["SERVFAIL"],
    "refused.example": ["REFUSED"],
    "garbage.example": ["GARBAGE"],
    "secure.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}, "AD"],
    "none.example": [{"A": "192.0.2.1"}],
    "voids.example": [{"TXT": "v=spf1 a:v1.example a:v2.example a:v3.example -all"}],
    "many.example": [{"TXT": "v=spf1 " + " ".join(f"a:host.plain.example/{32 - i}" for i in range(11)) + " ?all"}],
    "nine.example": [{"TXT": "v=spf1 " + " ".join(f"exists:n{i}.host.plain.example" for i in range(2))
                      + " include:plain.example" * 3 + " -all"}],
}


class Dns:
    def __enter__(self):
        self.process = subprocess.Popen([os.path.join(LAB_TOOLS, "dnsserver.py"), "--lifetime", "120", "-"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(json.dumps(ZONE).encode())
        self.process.stdin.close()
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def spf(self, domain, *more, address="192.0.2.1", timeout="2"):
        return run("check_dmarc_align", f"--resolver=127.0.0.1:{self.port}", f"--client-ip={address}",
                   f"--mail-from=user@{domain}", "--helo=host.plain.example", "--require=spf", f"--timeout={timeout}", *more)


def verdict(result):
    return result.json["authentication"]["verified"]["spf"]["result"]


def test_verdicts():
    wanted = {"plain": "pass", "split": "pass", "empty": "pass", "bytes": "permerror", "two": "permerror", "big": "pass",
              "truncate": "pass", "alias": "pass", "none": "none", "secure": "pass", "voids": "permerror"}
    with Dns() as dns:
        for name, word in wanted.items():
            result = dns.spf(f"{name}.example")
            assert verdict(result) == word, f"{name}: wanted {word}\n{result}"
            assert result.code == (0 if word == "pass" else 2), result
        assert verdict(dns.spf("plain.example", address="192.0.2.9")) == "fail"
        assert verdict(dns.spf("plain.example", address="2001:db8::9")) == "fail"


def test_no_answer_is_no_verdict():
    with Dns() as dns:
        for name in ("slow", "slowhost", "broken", "refused", "garbage", "notcp"):
            result = expect(dns.spf(f"{name}.example"), "UNKNOWN", "lookup")
            assert verdict(result) == "temperror" and result.seconds < 2 + start_and_end_s(), f"{name}\n{result}"


def test_cname_loop_ends():
    with Dns() as dns:
        result = dns.spf("loop.example")
        assert result.code in (2, 3) and result.seconds < 2 + start_and_end_s(), result


def test_lookups_are_counted_and_limited():
    with Dns() as dns:
        result = dns.spf("many.example", address="198.51.100.1")
        assert verdict(result) == "permerror" and result.metrics["spf_lookups"] == 11, result
        result = dns.spf("plain.example")
        assert result.metrics["spf_lookups"] == 1 and result.metrics["spf_void"] == 0, result
        result = dns.spf("voids.example")
        assert result.metrics["spf_void"] == 3, result
        expect(dns.spf("plain.example", "-w", "spf_lookups=0"), "WARNING", "threshold", "spf_lookups")


def test_dnssec_is_shown():
    with Dns() as dns:
        assert "DNSSEC" in dns.spf("secure.example", "-v").out
        assert "DNSSEC" not in dns.spf("plain.example", "-v").out
