# SPDX-License-Identifier: MIT
#
# Deals out tests for run-tests: TESTS are lines of the plan in SCRATCH, some of which run at once. What
# one prints comes out in one piece when it ends (make's -O).

.PHONY: all $(TESTS)
all: $(TESTS)
$(TESTS):
	@'$(RUN_TESTS)' --line '$(SCRATCH)' $@
