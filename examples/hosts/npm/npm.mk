# npm.mk - included by the Makefile: the JavaScript package.
#   make npm            build/npm/ and its tarball; needs clang, wasm-ld (lld), node and npm, and no network
#   make npm-wasm       only build/npm-wasm/edgefn.wasm
NPM := examples/hosts/npm
NPM_WASM := build/npm-wasm/edgefn.wasm
NPM_C := $(wildcard $(NPM)/*.c) $(patsubst %,examples/hosts/cli/%.c,args check advice io text convert fields sample sample_json ua)
NPM_H := $(wildcard $(NPM)/*.h $(NPM)/libc/*.h examples/hosts/cli/*.h) $(HOST_H)
NPM_O := $(patsubst %.c,build/npm-wasm/%.o,$(notdir $(NPM_C))) build/npm-wasm/edgefn.o
NPM_COMPILE = $(WASM_CC) --target=wasm32 -std=c99 -Oz -DEDGEFN_NO_CRYPTO $(CPPFLAGS) -ffreestanding -nostdlib -fvisibility=hidden -I$(NPM)/libc -I. -Iexamples/hosts

build/npm-wasm/edgefn.o: edgefn.h
	@mkdir -p $(@D)
	$(NPM_COMPILE) -flto -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

# the linker adds calls of memcpy and others after it has joined the files: they must be compiled already
build/npm-wasm/libc.o: NPM_LTO := -O2
build/npm-wasm/%.o: NPM_LTO = -flto
define npm_object
@mkdir -p $(@D)
$(NPM_COMPILE) $(NPM_LTO) -DEDGEFN_IMPLEMENTATION_DONE -c $< -o $@
endef
build/npm-wasm/%.o: $(NPM)/%.c $(NPM_H)
	$(npm_object)
build/npm-wasm/%.o: examples/hosts/cli/%.c $(NPM_H)
	$(npm_object)

$(NPM_WASM): $(NPM_O)
	$(WASM_CC) --target=wasm32 -nostdlib $^ $(WASM_LINK) -o $@.new
	@mv -f $@.new $@

npm-wasm: $(NPM_WASM)
# for tests/test_npm.sh, which reports what cannot be built
npm-built:
	@$(if $(shell command -v $(WASM_CC) && command -v wasm-ld),$(MAKE) -s --no-print-directory npm-wasm,:) || true
.PHONY: npm npm-wasm npm-built

npm: $(NPM_WASM) $(wildcard $(NPM)/*.mjs $(NPM)/*.cjs $(NPM)/*.ts $(NPM)/*.mts $(NPM)/package.json $(NPM)/README.md)
	@command -v npm >/dev/null 2>&1 || { echo 'make npm: no npm' >&2; exit 1; }
	@node $(NPM)/build.mjs $(NPM_WASM) build/npm "$$(sed -n 's/.*define EDGEFN_VERSION  *"\([^"]*\)"$$/\1/p' edgefn.h)"
	@cd build/npm && npm pack --offline --ignore-scripts --silent --no-update-notifier >/dev/null
	@ls -l build/npm/edgefn-*.tgz
