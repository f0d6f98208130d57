# SPDX-License-Identifier: MIT
#
# GNU make, one makefile for the whole tree.  A fresh clone needs nothing before `make`: config.mk is
# made like any other file, by configure, which is made by autoconf, which is installed first where
# that is possible (build-aux/install-deps).
#
# Sources are found, not listed: a new file in src/ROOM/, tests/unit/ and so on is built and run
# without a change here.

srcdir := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
ifeq ($(srcdir),)
srcdir := .
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
# make -n makes its own makefiles (config.mk) all the same; it must not install packages for that.
dry_run := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
SHELL = /bin/sh

# All processors, unless -j says otherwise (what stands on the command line wins) or another make is
# above this one and deals out its own.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

V ?= 0
ifeq ($(V),0)
Q = @
say = @printf '  %-5s %s\n' '$(1)' '$(2)';
else
Q =
say =
endif

AUX = $(srcdir)/build-aux

# --------------------------------------------------------------------------------------------
# Configuration, and what it needs
# --------------------------------------------------------------------------------------------

goals := $(or $(MAKECMDGOALS),all)
# These say or remove things; they must not configure a tree for that.
unconfigured_goals := help scenarios check-scenarios clean distclean maintainer-clean deps lint-deps check-deps configure
ifneq ($(filter-out $(unconfigured_goals),$(goals)),)
include config.mk
else
-include $(wildcard config.mk)
endif

# Packages are looked after before the first configuration, and by the two commands that promise to
# work on a bare machine.  Any other make in a configured tree leaves the system alone.
ifeq ($(wildcard config.mk),)
first_deps := deps
else ifneq ($(filter run check,$(goals)),)
first_deps := deps
endif
ifneq ($(dry_run),)
first_deps :=
endif

# Configured before the test library was there: look again, once.
ifneq ($(filter check check-%,$(filter-out check-architecture check-markup check-scenarios check-deps,$(goals))),)
ifeq ($(HAVE_CHECK),no)
ifeq ($(MAKE_RESTARTS),)
config.mk: FORCE
else
$(error check, the test library, is missing; debian/control lists what is needed)
endif
endif
endif

.PHONY: deps lint-deps check-deps
deps: ## install what is missing to build and test (Debian-like systems), or name it
	@$(AUX)/install-deps $(srcdir)/debian/control
lint-deps: ## the same for what make lint calls
	@$(AUX)/install-deps --lint $(srcdir)/debian/control
check-deps: ## the same for the commands that only tests call: a browser, node
	@$(AUX)/install-deps --check $(srcdir)/debian/control

# Written beside and moved, so that two builds of one tree never read half a script.
$(srcdir)/configure: $(srcdir)/configure.ac | $(first_deps)
	$(call say,CONF,configure)cd $(srcdir) && \
	    autoconf -o configure.$$$$ && mv -f configure.$$$$ configure && rm -rf autom4te.cache

config.mk: $(srcdir)/configure $(srcdir)/config.mk.in $(srcdir)/config.h.in | $(first_deps)
	@if test -x config.status; then \
	    ./config.status --quiet --recheck && ./config.status --quiet; \
	else \
	    echo '  CONF  $(srcdir)/configure $(CONFIGURE_ARGS)'; \
	    $(srcdir)/configure --quiet $(CONFIGURE_ARGS); \
	fi && touch config.mk

# --------------------------------------------------------------------------------------------
# What there is
# --------------------------------------------------------------------------------------------

# $(call sources,PATTERN...): paths inside the tree, without the source directory before them.
sources = $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(addprefix $(srcdir)/,$(1)))))
objects = $(patsubst %.c,obj/%.o,$(1))

main_src := src/daemon/main.c src/ctl/main.c
lib_src := $(filter-out $(main_src),$(call sources,src/*/*.c))
# Files that become part of the program as they are, see build-aux/embed.
embedded := $(call sources,src/*/*.css src/*/*.svg)
lib_obj := $(call objects,$(lib_src)) $(embedded:%=obj/%.o)

programs := $(if $(call sources,src/daemon/main.c),spotify-historyd) \
            $(if $(call sources,src/ctl/main.c),spotify-historyctl)

sim_src := $(filter-out tests/sim/test_%.c tests/sim/main.c,$(call sources,tests/sim/*.c))
testlib_src := $(call sources,tests/lib/*.c)
unit_src := $(call sources,tests/unit/test_*.c tests/sim/test_*.c)
unit_help_src := $(filter-out $(unit_src),$(call sources,tests/unit/*.c))
simulation_src := $(call sources,tests/simulation/test_*.c)
simulation_help_src := $(filter-out $(simulation_src),$(call sources,tests/simulation/*.c)) \
    tests/unit/store_help.c
scenario_src := $(call sources,tests/scenario/test_*.c)
scenario_help_src := $(filter-out $(scenario_src),$(call sources,tests/scenario/*.c))
fuzz_src := $(call sources,tests/fuzz/fuzz_*.c)
fuzz_names := $(patsubst tests/fuzz/fuzz_%.c,%,$(fuzz_src))
system_tests := $(call sources,tests/system/*.sh)
bench_src := $(call sources,bench/bench_*.c)
bench_help_src := $(filter-out $(bench_src),$(call sources,bench/*.c))
bench_scripts := $(call sources,bench/bench_*.sh)
bench_tools_src := $(call sources,bench/tools/*.c)
bench_tools := $(bench_tools_src:bench/tools/%.c=obj/bench/%)

sim_programs := $(if $(call sources,tests/sim/main.c),fake-spotify)
check_programs := $(if $(unit_src),check-unit) $(if $(simulation_src),check-simulation) \
                  $(if $(scenario_src),check-scenario)
# The daemon and the command, failing on purpose; only tests run it. The unit tests are let fail alike.
faulty_src := $(call sources,tests/faulty/*.c)
faulty_help_src := $(filter-out tests/faulty/main.c,$(faulty_src))
faulty_wraps = -Wl,--wrap=config_confuse -Wl,--wrap=setlocale -Wl,--wrap=json_loadb
# The same two, keeping what they are answered, for make check-live.
tapped_src := $(call sources,tests/tapped/*.c)
replay_programs := $(addprefix obj/fuzz/replay-,$(fuzz_names))
bench_programs := $(bench_src:bench/%.c=obj/bench/%)
fuzz_programs := $(if $(filter-out no,$(FUZZERS)),$(addprefix fuzz_,$(fuzz_names)))

.PHONY: all tests FORCE
all: $(programs) $(sim_programs) $(fuzz_programs) ## build the programs (also the fake Spotify)
tests: all $(check_programs) faulty obj/tapped $(replay_programs) obj/tables ## build the test programs too

# --------------------------------------------------------------------------------------------
# Compiling and linking
# --------------------------------------------------------------------------------------------

# The build directory first: config.h is there.  Never the source directory itself, which may hold
# the config.h of another build.
cppflags = -I. -I$(srcdir)/include $(HD_CPPFLAGS) $(more_cppflags) $(CPPFLAGS)
cflags = $(HD_CFLAGS) $(HD_WARNINGS) $(LIB_CFLAGS) $(more_cflags) $(CFLAGS)
compile = $(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@
link = $(CC) $(HD_CFLAGS) $(CFLAGS) $(HD_LDFLAGS) $(LDFLAGS) -o $@

# Test code may know where it stands; suites have no prototypes (a generated table knows them).
obj/tests/%.o obj/gen/%.o: more_cppflags = -I$(srcdir)/tests \
    -DTEST_SRCDIR='"$(abspath $(srcdir))"' -DTEST_BUILDDIR='"$(CURDIR)"'
obj/tests/%.o obj/gen/%.o: more_cflags = $(CHECK_CFLAGS) $(TLS_CFLAGS) \
    -Wno-missing-prototypes

# These hold our calendar against the C library's, which on 32 bits ends in 2038 unless asked for more. All else has the
# time_t of the system's libevent and libcurl.
calendar_tests = countdown text zone_date zone_libc
$(calendar_tests:%=obj/tests/unit/test_%.o): more_cflags += -D_TIME_BITS=64

obj/%.o: $(srcdir)/%.c config.mk
	@mkdir -p $(@D)
	$(call say,CC,$*.c)$(compile) $<

obj/gen/%.o: obj/gen/%.c config.mk
	$(call say,CC,$<)$(compile) $<

# src/web/style.css is web_style_css in C.
obj/%.css.c obj/%.svg.c: embedded_name = $(subst .,_,$(subst /,_,$(@:obj/src/%.c=%)))
obj/%.css.c: $(srcdir)/%.css $(AUX)/embed
	@mkdir -p $(@D)
	$(call say,EMBED,$*.css)$(AUX)/embed $< $(embedded_name) >$@
obj/%.svg.c: $(srcdir)/%.svg $(AUX)/embed
	@mkdir -p $(@D)
	$(call say,EMBED,$*.svg)$(AUX)/embed $< $(embedded_name) >$@
obj/%.css.o: obj/%.css.c config.mk
	$(call say,CC,$<)$(compile) $<
obj/%.svg.o: obj/%.svg.c config.mk
	$(call say,CC,$<)$(compile) $<

# $(call remember,WORDS): a file that changes only when its words do, so that a source that went away
# is noticed although nothing newer is there.
remember = @mkdir -p $(@D); printf '%s\n' $(1) | sort >$@.new; \
    if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; fi

obj/gen/lib.list: FORCE
	$(call remember,$(lib_obj))
obj/gen/sim.list: FORCE
	$(call remember,$(sim_src))
obj/gen/testlib.list: FORCE
	$(call remember,$(testlib_src))

# Made anew each time: ar would keep a member whose source is gone.
archive = rm -f $@ && $(AR) rcD $@ $(filter %.o,$^)
libhistoryd.a: $(lib_obj) obj/gen/lib.list
	$(call say,AR,$@)$(archive)
obj/libsimworld.a: $(call objects,$(sim_src)) obj/gen/sim.list
	$(call say,AR,$@)$(archive)
obj/libtestlib.a: $(call objects,$(testlib_src)) obj/gen/testlib.list
	$(call say,AR,$@)$(archive)

test_archives := obj/libtestlib.a obj/libsimworld.a libhistoryd.a
test_libs = $(CHECK_LIBS) $(TLS_LIBS) $(LIB_LIBS) $(LIBS)

spotify-historyd: obj/src/daemon/main.o libhistoryd.a
	$(call say,LINK,$@)$(link) $^ $(LIB_LIBS) $(LIBS)
spotify-historyctl: obj/src/ctl/main.o libhistoryd.a
	$(call say,LINK,$@)$(link) $^ $(LIB_LIBS) $(LIBS)
fake-spotify: obj/tests/sim/main.o obj/libsimworld.a libhistoryd.a
	$(call say,LINK,$@)$(link) $^ $(LIB_LIBS) $(LIBS)

# What is written from the programs' tables: completions, and parts of the man pages.
obj/tables: obj/build-aux/tables.o libhistoryd.a
	$(call say,LINK,$@)$(link) $^ $(LIB_LIBS) $(LIBS)

# The table of suites of a check program follows from its files.
obj/gen/check_unit_main.c: $(addprefix $(srcdir)/,$(unit_src))
obj/gen/check_simulation_main.c: $(addprefix $(srcdir)/,$(simulation_src))
obj/gen/check_scenario_main.c: $(addprefix $(srcdir)/,$(scenario_src))
obj/gen/check_%_main.c: $(AUX)/gen-check-main FORCE
	@mkdir -p $(@D)
	$(Q)$(AUX)/gen-check-main check-$* $(filter %.c,$^) >$@.new
	$(Q)if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; fi
.SECONDARY:

check-unit: obj/gen/check_unit_main.o $(call objects,$(unit_src) $(unit_help_src) $(faulty_help_src))
check-simulation: obj/gen/check_simulation_main.o \
    $(call objects,$(simulation_src) $(simulation_help_src))
check-scenario: obj/gen/check_scenario_main.o $(call objects,$(scenario_src) $(scenario_help_src))
check-unit check-simulation check-scenario: $(test_archives)
	$(call say,LINK,$@)$(link) $(filter %.o,$^) $(wraps) $(test_archives) $(test_libs)

# What tests/lib/nth_call.c, nth_step.c and later.c stand before, so that it can fail on order; with the names that glibc has for
# files of 64 bits.
wrapped := malloc calloc realloc reallocarray aligned_alloc strdup strndup asprintf __asprintf_chk sodium_malloc event_new \
    fsync rename unlink unlinkat flock realpath opendir fdopendir read write \
    sodium_init zip_fread zip_fopen_index zip_stat_index sqlite3_step \
    clock_boot_ms \
    $(foreach f,open openat fstat lstat fstatat mkostemp readdir pread pwrite,$(f) $(f)64)
check-unit: wraps := $(faulty_wraps) $(wrapped:%=-Wl,--wrap=%)

# What tests put before the C library in a program (LD_PRELOAD). Never with sanitizers: it is there before them.
preload_programs := $(patsubst tests/preload/%.c,obj/preload/%.so,$(call sources,tests/preload/*.c))
check-scenario: | $(preload_programs)
obj/preload/%.so: $(srcdir)/tests/preload/%.c config.mk
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CPPFLAGS) -std=c17 -O2 -g -D_GNU_SOURCE $(HD_WARNINGS) -Wno-missing-prototypes -fPIC -shared -o $@ $<

faulty: $(call objects,$(faulty_src)) obj/libtestlib.a libhistoryd.a
	$(call say,LINK,$@)$(link) $(faulty_wraps) $^ $(test_libs)

obj/tapped: $(call objects,$(tapped_src)) libhistoryd.a
	$(call say,LINK,$@)$(link) -Wl,--wrap=net_answer_fill $^ $(LIB_LIBS) $(LIBS)

# The same fuzzer twice: with a small main of our own that replays the corpus (in every make check),
# and with libFuzzer's (--enable-fuzzers).
$(replay_programs): obj/fuzz/replay-%: obj/tests/fuzz/fuzz_%.o obj/tests/fuzz/replay.o \
    $(test_archives)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(link) $(filter %.o,$^) $(test_archives) $(test_libs)
$(addprefix fuzz_,$(fuzz_names)): fuzz_%: obj/tests/fuzz/fuzz_%.o $(test_archives)
	$(call say,LINK,$@)$(link) -fsanitize=fuzzer $(filter %.o,$^) $(test_archives) $(test_libs)

$(bench_programs): obj/bench/%: obj/bench/%.o $(call objects,$(bench_help_src)) libhistoryd.a
	$(call say,LINK,$@)$(link) $(filter %.o,$^) libhistoryd.a $(LIB_LIBS) $(LIBS)

$(bench_tools): obj/bench/%: obj/bench/tools/%.o
	$(call say,LINK,$@)$(link) $^

-include $(patsubst %.o,%.d,$(embedded:%=obj/%.o) $(call objects,$(lib_src) $(main_src) $(sim_src) tests/sim/main.c \
    $(testlib_src) $(unit_src) $(unit_help_src) $(simulation_src) $(simulation_help_src) \
    $(scenario_src) $(scenario_help_src) $(faulty_src) $(tapped_src) $(fuzz_src) tests/fuzz/replay.c build-aux/tables.c \
    $(bench_src) $(bench_help_src) $(bench_tools_src)))

# --------------------------------------------------------------------------------------------
# Testing
# --------------------------------------------------------------------------------------------

export TEST_SRCDIR := $(abspath $(srcdir))
export TEST_BUILDDIR := $(CURDIR)
export TEST_MAKE := $(MAKE)

# The sanitizers, and valgrind more so, make everything slower: check's four seconds a test do not fit.
ifneq ($(filter-out no,$(SANITIZERS)),)
export CK_TIMEOUT_MULTIPLIER ?= 5
export ASAN_OPTIONS ?= detect_stack_use_after_return=1
export UBSAN_OPTIONS ?= print_stacktrace=1
endif

# A test that runs as somebody else may not write what it went through, and is not to say so among the
# words of the command.
ifneq ($(filter-out no,$(COVERAGE)),)
export GCOV_ERROR_FILE ?= /dev/null
endif

# What needs the processor first: the scenarios, which wait most of the time, fill the rest.
timing_tests = tests/system/idle_daemon_does_not_wake_up.sh
tests_to_run = $(addprefix ./,$(filter check-simulation,$(check_programs))) \
    $(addprefix $(srcdir)/,$(filter-out $(timing_tests),$(system_tests))) \
    $(addprefix ./,$(filter check-unit,$(check_programs))) \
    $(addsuffix @,$(addprefix ./,$(filter check-scenario,$(check_programs)))) $(replay_programs:%=./%)
tests_to_run_alone = $(addprefix ./,$(filter check-unit check-scenario,$(check_programs))) \
    $(addprefix $(srcdir)/,$(filter $(timing_tests),$(system_tests)))

.PHONY: check check-valgrind check-live check-architecture check-markup check-scenarios scenarios check-modules coverage fuzz run
check: tests | check-deps ## build and run all tests (TEST_JOBS= at once)
	@$(AUX)/run-tests $(tests_to_run) --alone $(tests_to_run_alone)

# What takes long: each reads LONG_SECONDS (how long it may take) and SEED, and prints its seed.
.PHONY: check-long
long_tests := $(call sources,tests/long/*.sh tests/system/package_lives_in_a_fresh_debian.sh)
check-long: tests | check-deps ## the long tests, for LONG_SECONDS (1800) each; SEED= repeats a run
	@LONG_SECONDS='$(or $(LONG_SECONDS),1800)' TEST_TIMEOUT=$$(($(or $(LONG_SECONDS),1800) + 3600)) TEST_JOBS=1 \
	    $(if $(SEED),SEED='$(SEED)') $(AUX)/run-tests $(addprefix $(srcdir)/,$(long_tests))

# What a package's build runs: no daemon, no network, nothing that measures time.
check-modules: $(programs) $(sim_programs) $(filter check-unit check-simulation,$(check_programs)) $(replay_programs) ## the tests of modules only
	@CK_EXCLUDE_TAGS=timing $(AUX)/run-tests $(addprefix ./,$(filter check-unit check-simulation,$(check_programs))) \
	    $(replay_programs:%=./%)

# "Possibly lost" is what a thread still running at the end holds, libcurl's resolver say.  Test cases
# tagged "timing" measure durations, which mean nothing here.
VALGRIND = valgrind --quiet --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite --error-exitcode=99 --suppressions=$(AUX)/valgrind.supp
check-valgrind: tests ## the unit tests and a short life of the daemon under valgrind (a quarter of an hour)
	@CK_TIMEOUT_MULTIPLIER=20 CK_EXCLUDE_TAGS=timing TEST_WRAPPER='$(VALGRIND)' $(AUX)/run-tests ./check-unit
	@RUN_WRAPPER='$(VALGRIND)' RUN_SECONDS=8 $(AUX)/run '$(srcdir)' obj/valgrind

check-live: all obj/tapped ## ask the real Spotify, and print what differs in shape (see build-aux/check-live)
	@$(AUX)/check-live || [ $$? -eq 77 ]

check-architecture: ## hold the includes to the rooms of the house
	@$(AUX)/check-architecture $(srcdir)
check-scenarios: ## hold doc/scenarios.md and the tests together
	@$(AUX)/scenarios check $(srcdir)
scenarios: ## print each scenario with its tests and what came of them in the last make check
	@$(AUX)/scenarios table $(srcdir) '$(CURDIR)'
check-markup: ## hold the pages to the typed writers of markup, and the style sheet to the pages
	@$(AUX)/check-markup $(srcdir)
	@$(AUX)/check-style $(srcdir)

BARS = no
coverage: ## run the tests and print what they went through (--enable-coverage); BARS=yes: hold it to the bars
	@if [ '$(COVERAGE)' = no ]; then echo 'configure with --enable-coverage first'; exit 1; fi
	@[ ! -d obj ] || find obj -name '*.gcda' -exec rm -f {} +
	$(Q)$(AUX)/in-memory $(MAKE) --no-print-directory check
	@$(AUX)/coverage $(if $(filter yes,$(BARS)),--bars) $(srcdir) $(filter obj/src/%,$(lib_src:%.c=obj/%.o))

T = 60
FUZZ_TIME = $(T)
fuzz: $(fuzz_programs) ## run each fuzzer for T=60 seconds (--enable-fuzzers)
	@if [ -z '$(fuzz_programs)' ]; then echo 'configure with --enable-fuzzers first'; exit 1; fi
	$(Q)for name in $(fuzz_names); do \
	    mkdir -p obj/fuzz/corpus/$$name; \
	    seeds=$(srcdir)/tests/fuzz/corpus/$$name; \
	    [ -d "$$seeds" ] || seeds=; \
	    echo "== fuzz_$$name"; \
	    ./fuzz_$$name -max_total_time=$(FUZZ_TIME) -print_final_stats=1 -artifact_prefix=obj/fuzz/ \
	        obj/fuzz/corpus/$$name $$seeds || exit 1; \
	done

benches = $(bench_programs) $(addprefix $(srcdir)/,$(bench_scripts))
# BENCH="import export": these only.  RESULTS=FILE: the table as Markdown as well.
# Figures of a build that looks at every step mean nothing.
.PHONY: bench
bench: $(programs) $(sim_programs) $(bench_programs) $(bench_tools) ## measure beside the alternatives, and hold the figures to their limits
	@if [ '$(filter-out no,$(SANITIZERS) $(COVERAGE))' ]; then \
	    echo 'make bench: configured with sanitizers or coverage, which are all it would measure'; exit 1; fi
	@$(srcdir)/bench/table $(if $(RESULTS),-o $(RESULTS)) \
	    $(if $(BENCH),$(filter $(foreach b,$(BENCH),%/bench_$(b) %/bench_$(b).sh),$(benches)),$(benches))

run: all ## start the recorder, against the fake Spotify unless SPOTIFY_CLIENT_ID is set
	@$(AUX)/run '$(srcdir)'

# --------------------------------------------------------------------------------------------
# Reading the code
# --------------------------------------------------------------------------------------------

c_files := $(call sources,src/*/*.[ch] include/*/*.[ch] tests/*/*.[ch] bench/*.[ch] bench/tools/*.[ch] build-aux/*.c)
man_files := $(call sources,man/*.[1-9])
scripts := .ci/run $(filter-out %.c %.cfg %.mk %.supp %.awk %.words,$(call sources,build-aux/* tests/*/*.sh) bench/table $(call sources,bench/*.sh))
tidy_src := $(lib_src) $(filter $(main_src),$(call sources,$(main_src))) \
    $(filter-out tests/fuzz/%,$(call sources,tests/*/*.c bench/*.c bench/tools/*.c build-aux/*.c))
tidy_stamps := $(patsubst %.c,obj/lint/%.tidy,$(tidy_src))

analyzer_stamps := $(patsubst %.c,obj/lint/%.analyzed,$(lib_src) $(main_src))

.PHONY: lint lint-format lint-tidy lint-cppcheck lint-analyzer lint-man lint-scripts lint-words \
    lint-licences format
lint: lint-format check-architecture check-markup check-scenarios lint-licences lint-words lint-man lint-scripts \
    lint-cppcheck lint-analyzer lint-tidy ## read the code with every tool
	@echo 'lint: nothing found'
lint-format lint-man lint-scripts lint-words lint-cppcheck $(tidy_stamps) $(analyzer_stamps): | lint-deps

lint-format:
	$(call say,LINT,clang-format)cd $(srcdir) && clang-format --dry-run -Werror $(c_files)
format: | lint-deps ## rewrite the C files in the form that lint wants
	$(call say,FORM,clang-format)cd $(srcdir) && clang-format -i $(c_files)

# One file at a time, and only what changed since: the object knows its headers.
lint-tidy: $(tidy_stamps)
obj/lint/%.tidy: obj/%.o $(srcdir)/.clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY,$*.c)clang-tidy --quiet --config-file=$(srcdir)/.clang-tidy $(tidy_checks) $(srcdir)/$*.c -- \
	    -std=c17 $(filter -D% -U% -I%,$(cppflags)) $(LIB_CFLAGS) >$@.out 2>$@.err || \
	    { cat $@.out $@.err; rm -f $@.out $@.err; exit 1; }
	@if [ -s $@.out ]; then cat $@.out; rm -f $@.out $@.err; exit 1; fi
	@rm -f $@.out $@.err; touch $@
# A test may read with atoi() what it has written itself.
obj/lint/tests/%.tidy: tidy_checks = --checks=-cert-err34-c
obj/lint/tests/%.tidy: more_cppflags = -I$(srcdir)/tests -DTEST_SRCDIR='""' -DTEST_BUILDDIR='""'

# gcc walks through every path of a function, and what it calls; whatever compiler builds the rest.
# Left out: memory that is handed out in a struct of the caller, which gcc 12 takes for a leak (the
# sanitizers look for those); and two findings in loops that it does not follow to their end.
ANALYZER = gcc
analyzer_flags = -fanalyzer -Werror -Wno-analyzer-malloc-leak
obj/lint/src/capture/login.analyzed: analyzer_flags += -Wno-analyzer-use-after-free
obj/lint/src/spotify/request.analyzed: analyzer_flags += -Wno-analyzer-shift-count-overflow
lint-analyzer: $(analyzer_stamps)
obj/lint/%.analyzed: obj/%.o
	@mkdir -p $(@D)
	$(call say,ANLZ,$*.c)$(ANALYZER) $(filter -D% -U% -I% -std=%,$(cppflags) $(HD_CFLAGS)) $(LIB_CFLAGS) -O1 $(analyzer_flags) \
	    -c -o /dev/null $(srcdir)/$*.c
	@touch $@

lint-licences:
	$(call say,LINT,licences)$(AUX)/check-licences $(srcdir)

# Names of music, tokens and the like are no English; those that stand in the list are.
lint-words:
	$(call say,LINT,codespell)cd $(srcdir) && if command -v codespell >/dev/null; then \
	    codespell --ignore-words=build-aux/spelling.words --skip='tests/fuzz/corpus,tests/data,*.json,*.png,*.svg' \
	        README.md LICENSE Makefile configure.ac $(wildcard $(srcdir)/*.md) .github build-aux bench completions debian doc etc \
	        include man src tests; else echo 'codespell is not here: words not read'; fi

lint-cppcheck:
	$(call say,LINT,cppcheck)cppcheck --quiet --enable=warning,performance,portability \
	    --inline-suppr --error-exitcode=1 --std=c11 --library=posix \
	    --library=$(AUX)/cppcheck.cfg \
	    --suppress=missingIncludeSystem --suppress=readdirCalled -j2 \
	    -D_GNU_SOURCE -I. -I$(srcdir)/include -I$(srcdir)/tests \
	    $(addprefix $(srcdir)/,$(tidy_src))

lint-man:
	$(if $(man_files),$(call say,LINT,mandoc)mandoc -Tlint -Wwarning $(addprefix $(srcdir)/,$(man_files)))

lint-scripts:
	$(call say,LINT,shellcheck)cd $(srcdir) && if command -v shellcheck >/dev/null; then \
	    shellcheck $(scripts); else echo 'shellcheck is not here: scripts not read'; fi

# Pictures for who reads the documentation on the web: in the tree, and made anew by this.  Each holds the
# check sum of its source, since every Graphviz draws a little differently.
pictures := $(call sources,doc/*.dot)
.PHONY: doc
doc: ## draw doc/*.svg anew from doc/*.dot (needs Graphviz)
	$(Q)set -e; for source in $(addprefix $(srcdir)/,$(pictures:.dot=)); do \
	    echo "  DOT   $$source.svg"; dot -Tsvg "$$source.dot" >"$$source.svg.new"; \
	    echo "<!-- cksum of the source: $$(cksum <"$$source.dot") -->" >>"$$source.svg.new"; \
	    mv "$$source.svg.new" "$$source.svg"; \
	done

# --------------------------------------------------------------------------------------------
# Installing
# --------------------------------------------------------------------------------------------

INSTALL = install
INSTALL_PROGRAM = $(INSTALL) -m 755
INSTALL_DATA = $(INSTALL) -m 644

confdir = $(sysconfdir)/spotify-historyd
sample = etc/spotify-historyd.conf
unit_files := $(patsubst systemd/%.in,%,$(call sources,$(addprefix systemd/*.,service.in socket.in \
    timer.in path.in target.in)))
user_unit_files := $(patsubst systemd/user/%.in,%,$(call sources,systemd/user/*.in))
sysusers_files := $(patsubst systemd/sysusers.d/%.in,%,$(call sources,systemd/sysusers.d/*.in))
unit_examples := $(call sources,systemd/examples/*.conf)
generated_units = $(if $(systemdsystemunitdir),$(addprefix obj/systemd/,$(unit_files))) \
    $(if $(systemduserunitdir),$(addprefix obj/systemd/user/,$(user_unit_files))) \
    $(if $(sysusersdir),$(addprefix obj/systemd/sysusers.d/,$(sysusers_files)))
doc_files := $(call sources,README.md CHANGELOG.md doc/*.md doc/*.json doc/*.svg doc/*.png)
bash_completions := $(call sources,completions/*.bash)
zsh_completions := $(call sources,completions/_*)
fish_completions := $(call sources,completions/*.fish)

# Where each file goes: pairs "SOURCE>TARGET", read by install and by uninstall, so that they agree.
install_data = \
    $(foreach f,$(man_files),$(srcdir)/$(f)>$(mandir)/man$(subst .,,$(suffix $(f)))/$(notdir $(f))) \
    $(foreach f,$(doc_files),$(srcdir)/$(f)>$(docdir)/$(notdir $(f))) \
    $(foreach f,$(unit_examples),$(srcdir)/$(f)>$(docdir)/examples/$(notdir $(f))) \
    $(if $(systemdsystemunitdir),$(foreach f,$(unit_files),obj/systemd/$(f)>$(systemdsystemunitdir)/$(f))) \
    $(if $(systemduserunitdir),$(foreach f,$(user_unit_files),obj/systemd/user/$(f)>$(systemduserunitdir)/$(f))) \
    $(if $(sysusersdir),$(foreach f,$(sysusers_files),obj/systemd/sysusers.d/$(f)>$(sysusersdir)/$(f))) \
    $(foreach f,$(bash_completions),$(srcdir)/$(f)>$(bashcompletiondir)/$(basename $(notdir $(f)))) \
    $(foreach f,$(zsh_completions),$(srcdir)/$(f)>$(zshcompletiondir)/$(notdir $(f))) \
    $(foreach f,$(fish_completions),$(srcdir)/$(f)>$(fishcompletiondir)/$(notdir $(f)))
install_programs = $(if $(filter spotify-historyd,$(programs)),spotify-historyd>$(sbindir)/spotify-historyd) \
    $(if $(filter spotify-historyctl,$(programs)),spotify-historyctl>$(bindir)/spotify-historyctl)

obj/systemd/%: $(srcdir)/systemd/%.in config.mk
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed -e 's,@sbindir@,$(sbindir),g' -e 's,@bindir@,$(bindir),g' \
	    -e 's,@sysconfdir@,$(sysconfdir),g' -e 's,@localstatedir@,$(localstatedir),g' \
	    -e 's,@runstatedir@,$(runstatedir),g' -e 's,@docdir@,$(docdir),g' $< >$@

# What is installed is what this very daemon prints.  One built for another machine cannot be asked;
# then the copy in the tree stands in (a test holds the two equal).
obj/$(sample): spotify-historyd
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(if $(filter yes,$(CROSS)),cp $(srcdir)/$(sample) $@,./spotify-historyd --sample-config >$@)

.PHONY: install uninstall sample-config texts
install: all $(generated_units) obj/$(sample) ## install (DESTDIR= is honoured)
	$(Q)set -e; for pair in $(foreach p,$(install_programs),'$(p)'); do \
	    to="$(DESTDIR)$${pair#*>}"; echo "  INST  $$to"; \
	    $(INSTALL) -d "$${to%/*}"; $(INSTALL_PROGRAM) "$${pair%%>*}" "$$to"; \
	done
	$(Q)set -e; for pair in $(foreach p,$(install_data),'$(p)'); do \
	    to="$(DESTDIR)$${pair#*>}"; echo "  INST  $$to"; \
	    $(INSTALL) -d "$${to%/*}"; $(INSTALL_DATA) "$${pair%%>*}" "$$to"; \
	done
	$(Q)set -e; to="$(DESTDIR)$(confdir)/spotify-historyd.conf"; \
	if [ -e "$$to" ]; then echo "  KEEP  $$to (it is there already)"; else \
	    echo "  INST  $$to"; $(INSTALL) -d "$${to%/*}"; $(INSTALL_DATA) obj/$(sample) "$$to"; fi

uninstall: obj/$(sample) ## remove what install put there (a changed configuration stays)
	$(Q)for pair in $(foreach p,$(install_programs) $(install_data),'$(p)'); do \
	    to="$(DESTDIR)$${pair#*>}"; echo "  RM    $$to"; rm -f "$$to"; \
	done
	$(Q)to="$(DESTDIR)$(confdir)/spotify-historyd.conf"; \
	if [ ! -e "$$to" ]; then :; \
	elif cmp -s obj/$(sample) "$$to"; then echo "  RM    $$to"; rm -f "$$to"; \
	else echo "  KEEP  $$to (it was changed)"; fi
	$(Q)rmdir "$(DESTDIR)$(confdir)" "$(DESTDIR)$(docdir)/examples" "$(DESTDIR)$(docdir)" 2>/dev/null || :

# Completions and the lists in man pages: written from the programs' own tables, and kept in the tree
# for those who build for another machine.  A test holds them equal.
texts: sample-config obj/tables ## write completions/, the lists in man/ and etc/ anew from the tables
	$(call say,GEN,completions man)./obj/tables >obj/tables.tsv && \
	    $(AUX)/gen-texts obj/tables.tsv '$(srcdir)' '$(srcdir)'

sample-config: spotify-historyd ## write etc/spotify-historyd.conf anew from the daemon's own table
	$(call say,GEN,$(sample))mkdir -p $(srcdir)/etc && \
	    ./spotify-historyd --sample-config >obj/sample.new && mv obj/sample.new $(srcdir)/$(sample)

# --------------------------------------------------------------------------------------------
# Tidying up and giving away
# --------------------------------------------------------------------------------------------

distname = $(PACKAGE)-$(VERSION)

.PHONY: clean distclean maintainer-clean dist distcheck help
clean: ## remove what make built
	rm -rf obj run node browser
	rm -f spotify-historyd spotify-historyctl fake-spotify libhistoryd.a \
	    check-unit check-simulation check-scenario faulty $(addprefix fuzz_,$(fuzz_names))
distclean: clean ## remove what configure made, too
	rm -f config.mk config.h config.log config.status $(PACKAGE)-*.tar.gz
	@# In a build directory the Makefile is configure's work as well.
	$(if $(filter .,$(srcdir)),,rm -f Makefile)
maintainer-clean: distclean
	rm -f $(srcdir)/configure

dist: $(srcdir)/configure ## pack a release: the same bytes for the same sources
	$(call say,DIST,$(distname).tar.gz)$(AUX)/make-dist $(srcdir) $(distname) $(CURDIR)/$(distname).tar.gz
# DISTCHECK_TESTS=check-modules: without the tests that start the daemon.
DISTCHECK_TESTS = check
distcheck: dist ## unpack the release, build, test, install and remove it from a read-only source
	@$(AUX)/distcheck $(distname) '$(MAKE)' '$(DISTCHECK_TESTS)'

help: ## print this
	@echo 'Targets (variables: V=1, DESTDIR=, CC=, CFLAGS=, CONFIGURE_ARGS=):'
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(srcdir)/Makefile | sort
