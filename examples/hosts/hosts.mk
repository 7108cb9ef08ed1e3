# hosts.mk - included by the Makefile: builds handlers for the hosts.

# HANDLER=name is the recipe examples/handlers/name.c; HANDLER=path/name.c is a file of your own, which is built separately from the
# recipes, in build/own, with -I of its own directory. HANDLER="a+b" is a chain of two or more of these: chain.sh makes them one handler,
# build/own/a+b. A file of your own may declare recipes and call them: chain.sh finds their files, which are compiled with it.
# with_handler,FILES: the prerequisites of a target that takes a handler; if there is no such handler, the target fails with a message.
# HANDLER_C: the C files; HANDLER_FROM: those of them, or those that they include, that HANDLER names; HANDLER_PARTS: those that these declare.
empty :=
plus = $(subst $(empty) $(empty),+,$(strip $(1)))
handler_c = $(if $(filter %.c,$(1)),$(1),examples/handlers/$(1).c)
# a file of your own may have a plus in its path
CHAIN := $(if $(findstring +,$(HANDLER)),$(if $(wildcard $(HANDLER)),,$(strip $(subst +, ,$(HANDLER)))))
HANDLER_FROM := $(foreach h,$(or $(CHAIN),$(HANDLER)),$(call handler_c,$(h)))
HANDLER_OWN := $(if $(CHAIN),$(HANDLER_FROM),$(filter %.c,$(HANDLER)))
HANDLER_NAME := $(call plus,$(notdir $(basename $(or $(CHAIN),$(HANDLER)))))
HANDLER_THERE := $(wildcard $(if $(CHAIN),$(filter-out examples/handlers/%,$(HANDLER_FROM)),$(HANDLER_OWN)))
OWN_I := $(addprefix -I,$(sort $(patsubst %/,%,$(dir $(HANDLER_OWN)))))
CHAIN_SH := CC='$(CC)' FLAGS='-std=c99 $(CPPFLAGS) -I. -Iexamples/hosts $(OWN_I)' sh examples/hosts/chain.sh
HANDLER_PARTS := $(if $(HANDLER_THERE),$(shell $(CHAIN_SH) --parts $(HANDLER_THERE)))
SEVERAL := $(if $(CHAIN)$(HANDLER_PARTS),$(shell i=0; for file in $(HANDLER_FROM) $(HANDLER_PARTS); do echo $$((i += 1)); done))
HANDLER_C := $(if $(SEVERAL),$(foreach i,chain $(SEVERAL),build/own/$(HANDLER_NAME).$(i).c),$(HANDLER_FROM))
HANDLER_SO := $(if $(HANDLER_OWN),build/own/$(HANDLER_NAME).so,$(HANDLER:%=build/handlers/%.so))
HANDLER_WASM := $(if $(HANDLER_OWN),build/own/$(HANDLER_NAME).wasm,$(HANDLER:%=build/handlers/%.wasm))
# what messages call it
HANDLER_SAID := $(if $(CHAIN),$(HANDLER_NAME),$(HANDLER_FROM))
HANDLER_MISSING := $(firstword $(foreach h,$(or $(CHAIN),$(HANDLER)),$(if $(wildcard $(call handler_c,$(h))),,$(h))))
handler_missing = $(if $(CHAIN),$(HANDLER_MISSING): )no $(if $(filter %.c,$(HANDLER_MISSING)),such file,recipe of that name; a file of your own: HANDLER=path/name.c)
CHAIN_WRONG := $(if $(CHAIN),$(if $(word 2,$(CHAIN)),$(filter-out $(call plus,$(CHAIN)),$(subst $(empty) $(empty),,$(HANDLER))),x))
HANDLER_WRONG := $(if $(CHAIN_WRONG),a chain is at least two handlers with one plus between them: HANDLER="name+path/name.c",$(if $(HANDLER_MISSING),$(handler_missing)))
with_handler = $(if $(if $(HANDLER),$(HANDLER_WRONG),x),handler-wrong,$(1))
handler-wrong:
	@echo '$(if $(HANDLER),HANDLER=$(HANDLER): $(HANDLER_WRONG),no handler: set HANDLER=name for the recipe examples/handlers/name.c, or HANDLER=path/name.c for a file of your own)' >&2; exit 2
.PHONY: handler-wrong

ifneq ($(HANDLER_OWN),)
# the source of build/own/NAME: if another file of the same name is built, everything is rebuilt
OWN_FROM := build/own/$(HANDLER_NAME).from
ifneq ($(shell cat $(OWN_FROM) 2>/dev/null),$(abspath $(HANDLER_FROM) $(HANDLER_PARTS)))
$(shell mkdir -p build/own && rm -f build/own/$(HANDLER_NAME).*.d && echo '$(abspath $(HANDLER_FROM) $(HANDLER_PARTS))' >$(OWN_FROM))
endif
ifneq ($(SEVERAL),)
build/own/$(HANDLER_NAME).chain.c: examples/hosts/chain.sh $(OWN_FROM) $(HANDLER_FROM) $(HANDLER_PARTS)
	@$(CHAIN_SH) build/own/$(HANDLER_NAME) $(words $(HANDLER_FROM)) $(abspath $(HANDLER_FROM) $(HANDLER_PARTS))
$(SEVERAL:%=build/own/$(HANDLER_NAME).%.c): build/own/$(HANDLER_NAME).chain.c ;
$(HANDLER_C:.c=.o): %.o: %.c $(HOST_H)
	@$(COMPILE) $(OWN_I) -MMD -MP -MT $@ -MF $@.d -fPIC -fvisibility=hidden -c $< -o $@
build/own/$(HANDLER_NAME).so: $(HANDLER_C:.c=.o) build/obj/edgefn_host.o
	@$(COMPILE) -fPIC -shared $^ -o $@.new $(LDFLAGS)
	@mv -f $@.new $@
-include $(HANDLER_C:.c=.o.d)
else
build/own/$(HANDLER_NAME).so: $(HANDLER_OWN) build/obj/edgefn_host.o $(HOST_H) $(OWN_FROM)
	@mkdir -p $(@D)
	@$(COMPILE) $(OWN_I) -MMD -MP -MT $@ -MF $@.d -fPIC -fvisibility=hidden -shared $< build/obj/edgefn_host.o -o $@.new $(LDFLAGS)
	@mv -f $@.new $@
-include build/own/$(HANDLER_NAME).so.d build/own/$(HANDLER_NAME).wasm.d
endif
endif

# make handler HANDLER=path/name.c builds build/own/name.so; make run HANDLER= EVENT=file.json also runs it; make bench-handler measures it, compiled with -O2
EVENT ?= examples/events/viewer-request-page.json
handler-so: $(call with_handler,$(HANDLER_SO))
	@echo '$(HANDLER_SO)'

handler: $(call with_handler,$(HANDLER_SO) build/edgefn)
	@echo '$(HANDLER_SO)    next: build/edgefn run $(HANDLER_SO) $(EVENT) --diff'

# a function in JavaScript or Python, which is not built
HANDLER_SCRIPT := $(filter %.mjs %.cjs %.js %.py,$(HANDLER))
run-handler: $(if $(HANDLER_SCRIPT),build/edgefn,$(call with_handler,$(HANDLER_SO) build/edgefn))
	@build/edgefn run $(or $(HANDLER_SCRIPT),$(HANDLER_SO)) '$(EVENT)' $(OPTIONS)
	@echo
	@build/edgefn run $(or $(HANDLER_SCRIPT),$(HANDLER_SO)) '$(EVENT)' $(OPTIONS) --diff

BENCH_HOST := build/obj/bench/edgefn_host.o
$(BENCH_HOST): examples/hosts/edgefn_host.c $(HOST_H)
	@mkdir -p $(@D)
	@$(CC) -std=c99 -O2 $(CPPFLAGS) -I. -Iexamples/hosts -fPIC -fvisibility=hidden -c $< -o $@

bench-handler: $(call with_handler,$(HANDLER_C) $(BENCH_HOST) build/edgefn)
	@mkdir -p build/own
	@$(CC) -std=c99 -O2 $(CPPFLAGS) -I. -Iexamples/hosts $(OWN_I) -fPIC -fvisibility=hidden -shared $(HANDLER_C) $(BENCH_HOST) -o build/own/$(HANDLER_NAME).bench.so $(LDFLAGS)
	@build/edgefn bench build/own/$(HANDLER_NAME).bench.so '$(EVENT)' $(OPTIONS)
.PHONY: handler handler-so run-handler bench-handler

# make new DIR=path    a project of your own outside of this tree: examples/starter
new: build/edgefn build/obj/edgefn_host.o
	@sh examples/starter/new.sh '$(DIR)'
.PHONY: new

# ---- Lambda@Edge. CONFIG=file.json adds look-up tables to the package: {"kv": {"key": "value"}, "secret": {...}}
#   make wasm                               build/handlers/name.wasm of all recipes, or only that of HANDLER; needs clang and wasm-ld (lld)
#   make lambda-edge HANDLER=name           build/lambda-edge/name/function.zip for a nodejs runtime; also needs zip
#   make lambda-edge-python HANDLER=name    build/lambda-edge-python/name/function.zip for a python runtime; needs zip
#   make lambda-edge-measure                the cost per event in both, compared with the same handlers in JavaScript and Python
WASM_CC ?= clang
WASM_FLAGS ?= -O2
WASM_COMPILE = $(WASM_CC) --target=wasm32 -std=c99 $(WASM_FLAGS) $(WASM_VECTORS) $(CPPFLAGS) -ffreestanding -nostdlib -fvisibility=hidden -I. -Iexamples/hosts
WASM_LINK := -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=131072
# compiles a handler, $(1), and links it with the objects $(2); build.sh explains which parts of the C library a handler may use
wasm_build = @CC='$(WASM_CC)' FLAGS='-std=c99 $(WASM_FLAGS) $(WASM_VECTORS) $(CPPFLAGS) $(if $(HANDLER_OWN),$(OWN_I) $(if $(SEVERAL),,-MMD -MP -MT $@ -MF $@.d))' LINK='$(WASM_LINK)' sh $(EDGE_NODE)/build.sh $@ $(1) $(2)
WASM := $(HANDLERS:.so=.wasm)
WASM_SIMD := $(patsubst %,build/handlers/simd128/%.wasm,pass index_pages add_security_headers)
EDGE_NODE := examples/hosts/lambda_edge_node
EDGE_PYTHON := examples/hosts/lambda_edge_python

wasm: $(if $(HANDLER),$(call with_handler,$(HANDLER_WASM)),$(WASM))
wasm-simd: $(WASM_SIMD)

build/handlers/simd128/%.wasm build/obj/simd128/%.o: WASM_VECTORS := -msimd128

build/obj/wasm32/edgefn_host.o build/obj/simd128/edgefn_host.o: examples/hosts/edgefn_host.c $(HOST_H)
	@mkdir -p $(@D)
	$(WASM_COMPILE) -c $< -o $@

build/obj/wasm32/wasm.o build/obj/simd128/wasm.o: $(EDGE_NODE)/wasm.c $(HOST_H)
	@mkdir -p $(@D)
	$(WASM_COMPILE) -c $< -o $@

build/handlers/%.wasm: examples/handlers/%.c build/obj/wasm32/edgefn_host.o build/obj/wasm32/wasm.o $(HOST_H) $(EDGE_NODE)/build.sh
	@mkdir -p $(@D)
	$(call wasm_build,$<,$(filter %.o,$^))

ifneq ($(HANDLER_OWN),)
# what is made of several files is always built again
build/own/$(HANDLER_NAME).wasm: $(HANDLER_C) build/obj/wasm32/edgefn_host.o build/obj/wasm32/wasm.o $(HOST_H) $(OWN_FROM) $(EDGE_NODE)/build.sh $(if $(SEVERAL),wasm-always)
	@mkdir -p $(@D)
	$(call wasm_build,'$(HANDLER_C)',$(filter %.o,$^))
.PHONY: wasm-always
endif

build/handlers/simd128/%.wasm: examples/handlers/%.c build/obj/simd128/edgefn_host.o build/obj/simd128/wasm.o $(HOST_H) $(EDGE_NODE)/build.sh
	@mkdir -p $(@D)
	$(call wasm_build,$<,$(filter %.o,$^))

build/obj/edgefn_python.so: $(EDGE_PYTHON)/edgefn_python.c $(HOST_H)
	@mkdir -p $(@D)
	$(COMPILE) -fPIC -fvisibility=hidden -shared $< -o $@.new $(LDFLAGS)
	@mv -f $@.new $@

# $(1) directory, $(2) files to copy into it, $(3) the handler's file, $(4) its name in the directory. Lambda must be able to read all files.
define edge_zip
@rm -rf $(1) && mkdir -p $(1)
@cp $(2) $(1)/ && cp $(3) $(1)/$(4)
$(if $(CONFIG),@cp '$(CONFIG)' $(1)/config.json)
@chmod 644 $(1)/*
@cd $(1) && zip -q -9 -X function.zip *
@ls -l $(1)/function.zip
endef

lambda-edge: $(call with_handler,$(HANDLER_WASM))
	$(call edge_zip,build/lambda-edge/$(HANDLER_NAME),$(EDGE_NODE)/index.mjs $(EDGE_NODE)/edgefn.mjs,$<,handler.wasm)

lambda-edge-python: $(call with_handler,$(HANDLER_SO) build/obj/edgefn_python.so)
	@v=$$(LC_ALL=C grep -a -o 'GLIBC_2\.[0-9]*' $< | cut -d. -f2 | sort -n | tail -n 1); test "$${v:-0}" -le 34 || \
	    { echo "$(HANDLER_SAID): Python at Lambda@Edge has glibc 2.34, and this calls functions that glibc 2.$$v added: build it with -std=c99 on an older system" >&2; exit 1; }
	$(call edge_zip,build/lambda-edge-python/$(HANDLER_NAME),$(EDGE_PYTHON)/lambda_function.py $(EDGE_PYTHON)/edgefn.py $(EDGE_PYTHON)/edgefn_service.py $(EDGE_PYTHON)/edgefn_verify.py build/obj/edgefn_python.so,$<,handler.so)

lambda-edge-measure: wasm all build/obj/edgefn_python.so
	@node $(EDGE_NODE)/measure.mjs
	@python3 $(EDGE_PYTHON)/measure.py

.PHONY: wasm wasm-simd lambda-edge lambda-edge-python lambda-edge-measure

# make test builds these in parallel with other suites, outside the time of the host suites: host-programs-NAME for tests/test_host_NAME.sh, which reports what is missing
host-programs-python: build/obj/edgefn_python.so
host-programs-node: $(if $(shell command -v $(WASM_CC) && command -v wasm-ld),$(WASM) $(WASM_SIMD))

# ---- AWS Lambda, custom runtime: make lambda HANDLER=name ARCH=x86_64|arm64 LAMBDA_CC=compiler
# LAMBDA_OPENSSL=on links OpenSSL's libcrypto.a for RS256 and ES256, with the compiler's own C library: 4 MB more.
# LAMBDA_LIBC=own|bare: own links the compiler's C library (musl is small, glibc is not), bare links the few functions of bare.c. By default
# musl is used if it is installed, otherwise bare.c, or the compiler's library if the handler calls functions that bare.c does not have.
ifeq ($(call with_handler,),)
LAMBDA_DIR := examples/hosts/lambda_runtime
THIS_ARCH := $(patsubst aarch64,arm64,$(shell uname -m))
ARCH ?= $(THIS_ARCH)
LAMBDA_TARGET := $(patsubst arm64,aarch64,$(ARCH))-linux
lambda_find = $(firstword $(foreach c,$(1),$(if $(shell command -v $(c) 2>/dev/null),$(c))))
ifneq ($(LAMBDA_OPENSSL),)
LAMBDA_LIBC := own
ifeq ($(LAMBDA_CC),)
LAMBDA_CC := $(CC)
endif
LAMBDA_CRYPTO := -lcrypto
endif
ifeq ($(LAMBDA_CC),)
LAMBDA_CC := $(or $(call lambda_find,$(if $(filter $(THIS_ARCH),$(ARCH)),musl-gcc) $(LAMBDA_TARGET)-musl-gcc),\
    $(if $(filter $(THIS_ARCH),$(ARCH)),$(CC)),$(call lambda_find,$(LAMBDA_TARGET)-gnu-gcc))
endif
ifeq ($(LAMBDA_LIBC),)
ifneq ($(findstring musl,$(LAMBDA_CC)),)
LAMBDA_LIBC := own
else
LAMBDA_TRY := bare
LAMBDA_LIBC := bare
endif
endif
LAMBDA_CFLAGS ?= -Os
ZIP ?= zip
LAMBDA_SOURCE := $(HANDLER_C)
LAMBDA_NAME := $(HANDLER_NAME)
LAMBDA_BUILD := $(ARCH)-$(notdir $(firstword $(LAMBDA_CC)))-$(LAMBDA_LIBC)$(if $(LAMBDA_CRYPTO),-openssl)
LAMBDA_OBJECTS := $(patsubst %,build/lambda/obj/$(LAMBDA_BUILD)/%.o,bootstrap http edgefn $(if $(filter bare,$(LAMBDA_LIBC)),bare))
LAMBDA_BOOTSTRAP := build/lambda/$(LAMBDA_NAME)/$(LAMBDA_BUILD)/bootstrap
LAMBDA_COMPILE = $(LAMBDA_CC) -std=c99 $(LAMBDA_CFLAGS) -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables \
    -fno-stack-protector -U_FORTIFY_SOURCE -fno-pie $(CPPFLAGS) -I. -Iexamples/hosts $(if $(filter bare,$(LAMBDA_LIBC)),-DLAMBDA_BARE) $(if $(LAMBDA_CRYPTO),-DEDGEHOST_OPENSSL)
LAMBDA_LINK := -static -no-pie -s -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,noseparate-code,-z,norelro

ifneq ($(LAMBDA_TRY),)
LAMBDA_AGAIN = $(MAKE) --no-print-directory lambda
lambda:
	@mkdir -p build/lambda
	+@if LC_ALL=C $(LAMBDA_AGAIN) LAMBDA_LIBC=bare >build/lambda/$(LAMBDA_NAME).log 2>&1; then tail -n 1 build/lambda/$(LAMBDA_NAME).log; \
	elif grep -q 'undefined reference' build/lambda/$(LAMBDA_NAME).log; then \
	    sed -n "s/.*undefined reference to [\`']\([A-Za-z0-9_]*\)'.*/\1/p" build/lambda/$(LAMBDA_NAME).log | sort -u | tr '\n' ' ' | \
	        sed 's,^,the handler calls C functions that bare.c does not have; linked with the C library of $(LAMBDA_CC): ,'; echo; \
	    $(LAMBDA_AGAIN) LAMBDA_LIBC=own | tail -n 1; \
	else cat build/lambda/$(LAMBDA_NAME).log; exit 1; fi
else
lambda: $(LAMBDA_BOOTSTRAP)
	@rm -f build/lambda/$(LAMBDA_NAME)/function.zip
	@cd $(dir $<) && if command -v $(ZIP) >/dev/null 2>&1; then $(ZIP) -q -X ../function.zip bootstrap; else \
	    python3 -c 'import zipfile as z; z.ZipFile("../function.zip", "w", z.ZIP_DEFLATED).write("bootstrap")'; fi
	@echo "build/lambda/$(LAMBDA_NAME)/function.zip: $$(wc -c <build/lambda/$(LAMBDA_NAME)/function.zip) bytes," \
	    "for $(ARCH) by $(LAMBDA_CC); bootstrap: $$(wc -c <$<) bytes"
endif

build/lambda/obj/$(LAMBDA_BUILD)/%.o: $(LAMBDA_DIR)/%.c $(LAMBDA_DIR)/http.h $(HOST_H)
	@mkdir -p $(@D)
	@test -n '$(LAMBDA_CC)' || { echo 'no compiler for $(ARCH): install gcc-$(LAMBDA_TARGET)-gnu, or name one as LAMBDA_CC'; exit 1; }
	$(LAMBDA_COMPILE) -c $< -o $@

# always linked again: a recipe and a file of your own may have the same name
.PHONY: lambda-always
$(LAMBDA_BOOTSTRAP): $(LAMBDA_SOURCE) $(LAMBDA_OBJECTS) lambda-always
	@mkdir -p $(@D)
	$(LAMBDA_COMPILE) $(OWN_I) $(filter %.c %.o,$^) -o $@.new $(LAMBDA_LINK) $(LAMBDA_CRYPTO) $(if $(filter bare,$(LAMBDA_LIBC)),-nostdlib -lgcc || \
	    { echo '$(HANDLER_SAID): AWS Lambda with LAMBDA_LIBC=bare has only what edgefn.h needs of C: omit LAMBDA_LIBC' >&2; exit 1; })
	@mv -f $@.new $@
else
lambda: handler-wrong
endif

# The programs of tests/test_host_lambda.sh, built together with the other test programs; the suite reports what is missing.
LAMBDA_FOR_TESTS = $(MAKE) -s --no-print-directory lambda HANDLER=tests/hosts/lambda_handler.c
lambda-for-tests:
	+@if command -v musl-gcc >/dev/null 2>&1; then $(LAMBDA_FOR_TESTS) LAMBDA_CC=musl-gcc; fi
	+@if command -v aarch64-linux-gnu-gcc >/dev/null 2>&1; then $(LAMBDA_FOR_TESTS) ARCH=arm64 LAMBDA_CC=aarch64-linux-gnu-gcc; fi
	+@case $$(uname -sm) in Linux\ x86_64|Linux\ aarch64) $(LAMBDA_FOR_TESTS) LAMBDA_CC='$(CC)' LAMBDA_LIBC=bare ;; esac
host-programs-lambda: lambda-for-tests
.PHONY: lambda lambda-for-tests

# ---- With sanitizers, for tests/test_host_nginx.sh and tests/test_host_trafficserver.sh: make nginx-asan, make trafficserver-asan. The implementation,
# which takes long to compile, is the object that gcc's suites use; -include makes its functions external although a plugin defines EDGEFN_STATIC.
ASAN_LIBRARY := build/tests/gcc/edgefn.o
ASAN_HOST := build/obj/asan/edgefn_host.o
ASAN_CC = $(GCC) $(SANITIZE) -fno-omit-frame-pointer -fPIC -fvisibility=hidden -I. -Iexamples/hosts -DEDGEFN_IMPLEMENTATION_DONE -include edgefn.h

$(ASAN_HOST): examples/hosts/edgefn_host.c $(ASAN_LIBRARY) $(HOST_H)
	@mkdir -p $(@D)
	$(ASAN_CC) -std=c99 -c $< -o $@

# ---- nginx: make nginx [NGINX_SOURCE=dir] [NGINX_FLAGS=...] builds build/nginx/ngx_http_edgefn_module.so. Debian's nginx-dev contains the source of Debian's
# nginx with its flags; for another nginx set its source and the flags that `nginx -V` prints.
NGINX_HOST := examples/hosts/nginx
NGINX_SOURCE ?= /usr/share/nginx/src
NGINX_PARTS := $(wildcard $(NGINX_HOST)/*.h)
NGINX_MODULE := build/nginx/ngx_http_edgefn_module.so
NGINX_ASAN := build/nginx/asan/ngx_http_edgefn_module.so

nginx: $(NGINX_MODULE)

build/nginx/source/Makefile: $(NGINX_HOST)/config
	@test -e '$(NGINX_SOURCE)/configure' || { echo 'no source of nginx in $(NGINX_SOURCE): install nginx-dev, or set NGINX_SOURCE' >&2; exit 1; }
	@rm -rf build/nginx/source && mkdir -p build/nginx && cp -rL '$(NGINX_SOURCE)' build/nginx/source
	@cd build/nginx/source && NGX_CONF_FLAGS=; if [ -e conf_flags ]; then bash -c '. ./conf_flags && printf "%s\n" "$${NGX_CONF_FLAGS[@]}"' >flags; \
	    else : >flags; fi; xargs -d '\n' -a flags ./configure $(NGINX_FLAGS) --with-cc-opt='-g -O2 -fPIC' --with-ld-opt=-fPIC \
	    --add-dynamic-module=../../../$(NGINX_HOST) >configure.log || { cat configure.log; exit 1; }
	@touch $@

$(NGINX_MODULE): build/nginx/source/Makefile $(NGINX_HOST)/ngx_http_edgefn_module.c $(NGINX_PARTS) $(HOST_H)
	@$(MAKE) -s --no-print-directory -C build/nginx/source -f objs/Makefile modules >build/nginx/make.log 2>&1 || { cat build/nginx/make.log; exit 1; }
	@cp build/nginx/source/objs/ngx_http_edgefn_module.so $@.new && mv -f $@.new $@

.PHONY: nginx

NGINX_INCLUDES := core event event/modules os/unix http http/modules http/v2
nginx-asan: $(NGINX_ASAN) $(ASAN_HOST)
$(NGINX_ASAN): $(NGINX_HOST)/ngx_http_edgefn_module.c build/nginx/source/Makefile $(NGINX_PARTS) $(ASAN_LIBRARY) $(HOST_H)
	@mkdir -p $(@D)
	$(ASAN_CC) -fvisibility=default -std=gnu11 -D_GNU_SOURCE $(NGINX_INCLUDES:%=-Ibuild/nginx/source/src/%) -Ibuild/nginx/source/objs -shared $< \
	    build/nginx/source/objs/ngx_http_edgefn_module_modules.c $(ASAN_LIBRARY) -o $@.new $(CRYPTO_LIBS)
	@mv -f $@.new $@
.PHONY: nginx-asan

host-programs-nginx: $(if $(wildcard $(NGINX_SOURCE)/configure),$(NGINX_MODULE) $(call compiler_there,$(GCC),nginx-asan))

# make cloudfront HANDLER=name, or CONFIG=edge.json: the settings are explained in cloudfront.sh. An edge.json beside a handler of your own is its settings.
BESIDE := $(wildcard $(if $(HANDLER_SCRIPT)$(HANDLER_OWN),$(dir $(firstword $(HANDLER_SCRIPT) $(HANDLER_OWN)))edge.json))
DESK_CONFIG = $(or $(CONFIG),$(BESIDE))
cloudfront: $(if $(HANDLER_SCRIPT),$(NGINX_MODULE) build/edgefn build/obj/edgefn_host.o,$(if $(HANDLER)$(if $(DESK_CONFIG),,x),$(call with_handler,$(NGINX_MODULE) $(HANDLER_SO) build/edgefn),$(NGINX_MODULE) build/edgefn build/obj/edgefn_host.o))
	@CONFIG='$(DESK_CONFIG)' HANDLER='$(or $(HANDLER_SCRIPT),$(if $(HANDLER),$(HANDLER_SO)))' REBUILD='$(if $(HANDLER_SCRIPT),,$(HANDLER))' SOURCES='$(if $(HANDLER_SCRIPT),,$(abspath $(HANDLER_FROM)))' sh $(NGINX_HOST)/cloudfront.sh

# empties the cache of a running `make cloudfront`: files that are gone are fetched again
cloudfront-empty:
	@find build/cloudfront-$(or $(PORT),8080)/cache -type f -exec rm -f {} +
.PHONY: cloudfront cloudfront-empty

nginx-measure: $(NGINX_MODULE) build/handlers/ab_test.so build/handlers/add_security_headers.so
	@sh $(NGINX_HOST)/measure.sh
.PHONY: nginx-measure

# ---- The minimal proxy: make minimal builds build/minimal/minimal; needs Debian's libevent-dev
MINIMAL := examples/hosts/minimal/minimal.c
build/minimal/minimal: $(MINIMAL) $(HOST_H)
	@mkdir -p $(@D)
	$(CC) -std=c99 -D_DEFAULT_SOURCE $(CFLAGS) $(CPPFLAGS) $(CRYPTO_FLAGS) -I. -Iexamples/hosts $< -o $@.new $(LDFLAGS) -levent $(LDL) $(CRYPTO_LIBS)
	@mv -f $@.new $@

build/minimal/asan/minimal: $(MINIMAL) $(ASAN_LIBRARY) $(HOST_H)
	@mkdir -p $(@D)
	$(ASAN_CC) -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Wshadow -Werror $(CRYPTO_FLAGS) $< $(ASAN_LIBRARY) -o $@.new -levent $(LDL) $(CRYPTO_LIBS)
	@mv -f $@.new $@

minimal: build/minimal/minimal
minimal-asan: build/minimal/asan/minimal $(ASAN_HOST)
host-programs-minimal: $(if $(wildcard /usr/include/event2/http.h),$(call compiler_there,$(GCC),minimal-asan))
.PHONY: minimal minimal-asan

# ---- Apache Traffic Server 9: make trafficserver builds build/trafficserver/edgefn.so; needs the headers of Debian's trafficserver-dev
ATS_HOST := examples/hosts/trafficserver
ATS_PLUGIN := build/trafficserver/edgefn.so
ATS_ASAN := build/trafficserver/asan/edgefn.so

trafficserver: $(ATS_PLUGIN)

$(ATS_PLUGIN): $(ATS_HOST)/edgefn.c $(HOST_H)
	@mkdir -p $(@D)
	$(CC) -std=c99 -D_DEFAULT_SOURCE $(CFLAGS) $(CPPFLAGS) $(CRYPTO_FLAGS) -fPIC -fvisibility=hidden -shared -I. -Iexamples/hosts $< -o $@.new $(LDFLAGS) $(CRYPTO_LIBS)
	@mv -f $@.new $@

trafficserver-asan: $(ATS_ASAN) $(ASAN_HOST)
$(ATS_ASAN): $(ATS_HOST)/edgefn.c $(ASAN_LIBRARY) $(HOST_H)
	@mkdir -p $(@D)
	$(ASAN_CC) -std=c99 -D_DEFAULT_SOURCE $(CRYPTO_FLAGS) -shared $< $(ASAN_LIBRARY) -o $@.new $(CRYPTO_LIBS)
	@mv -f $@.new $@
.PHONY: trafficserver-asan

host-programs-trafficserver: $(if $(wildcard /usr/include/ts/ts.h),$(ATS_PLUGIN) $(call compiler_there,$(GCC),trafficserver-asan))

# make cloudfront-ats HANDLER=name: the settings are explained in run.sh
cloudfront-ats: $(call with_handler,$(ATS_PLUGIN) $(HANDLER_SO))
	@HANDLER='$(HANDLER_SO)' sh $(ATS_HOST)/run.sh
.PHONY: trafficserver cloudfront-ats
