/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Does nothing: what others are compared with in examples/costs.rs. */
#include "helpers.h"

SEC("raw_tp/sys_exit") int empty(void)
{
	return 0;
}

char terms[] SEC("license") = "Dual MIT/GPL";
