# SPDX-License-Identifier: GPL-3.0-or-later

include %D%/man/local.mk
include %D%/doc/local.mk
include %D%/examples/local.mk
include %D%/hardening/local.mk
include %D%/icinga2/local.mk
include %D%/nagios/local.mk
include %D%/nrpe/local.mk
include %D%/packaging/local.mk
include %D%/prometheus/local.mk
include %D%/zabbix/local.mk
