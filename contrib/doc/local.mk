# SPDX-License-Identifier: GPL-3.0-or-later

dist_doc_DATA += \
	%D%/fastmail.md \
	%D%/gmail.md \
	%D%/google-workspace.md \
	%D%/icinga2.md \
	%D%/index.md \
	%D%/microsoft365.md \
	%D%/nagios.md \
	%D%/nrpe.md \
	%D%/opentelemetry.md \
	%D%/postfix-dovecot.md \
	%D%/postmark-sendgrid.md \
	%D%/prometheus.md \
	%D%/ses.md \
	%D%/zabbix.md
