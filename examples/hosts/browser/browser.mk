# browser.mk - included by the Makefile: the playground, a page that needs no installation.
#   make playground         build/playground/: index.html for web servers, and edgefn-playground.html, one file that works from a disk; needs clang,
#                           wasm-ld (lld) and node. With python3 also build/docs/, the reference site: the two link to each other.
#                           DOCS=ADDRESS/ links to a site elsewhere, DOCS= to none
#   make playground-serve   serves it on 127.0.0.1; PORT=8080
BROWSER := examples/hosts/browser
PLAYGROUND := build/playground/edgefn-playground.html
PLAYGROUND_ALL := build/playground-recipes.wasm
# in the order of examples/README.md, by which the page numbers them
PLAYGROUND_RECIPES = $(shell sed -n '/Several recipes/q; s/^- \[`\([a-z0-9_]*\)`\].*/\1/p' examples/README.md)
DOCS ?= $(if $(shell command -v python3 2>/dev/null),../docs/)

$(PLAYGROUND_ALL): $(RECIPES) examples/README.md $(BROWSER)/recipes.sh build/obj/wasm32/edgefn_host.o build/obj/wasm32/wasm.o $(EDGE_NODE)/build.sh
	@sh $(BROWSER)/recipes.sh build/obj/playground $(PLAYGROUND_RECIPES)
	@CC='$(WASM_CC)' FLAGS='-std=c99 $(WASM_FLAGS) $(CPPFLAGS) -w' LINK='$(WASM_LINK)' sh $(EDGE_NODE)/build.sh $@ \
	    'build/obj/playground/choose.c $(PLAYGROUND_RECIPES:%=build/obj/playground/%.c)' build/obj/wasm32/edgefn_host.o build/obj/wasm32/wasm.o

$(PLAYGROUND): $(wildcard $(BROWSER)/*) $(NPM)/edgefn.mjs $(NPM_WASM) $(PLAYGROUND_ALL) $(WASM) build/edgefn $(wildcard tests/recipes/*.txt)
	@node $(BROWSER)/build.mjs build/playground '$(DOCS)'

# the site that the page links to, with links back
PLAYGROUND_DOCS = $(if $(filter ../docs/,$(DOCS)),grep -q -s playground/index.html build/docs/index.html || $(MAKE) --no-print-directory docs,:)

playground: $(PLAYGROUND)
	@$(PLAYGROUND_DOCS)
	@echo 'build/playground/index.html is for web servers (make playground-serve), $(PLAYGROUND) for a browser'

playground-serve: $(PLAYGROUND)
	@$(PLAYGROUND_DOCS)
	@node $(BROWSER)/serve.mjs $(or $(PORT),8080)
# for tests/test_playground.sh, which reports what cannot be built; after the makes that build parts of it
playground-built: npm-built host-built-node
	@$(if $(shell command -v $(WASM_CC) && command -v wasm-ld && command -v node),$(MAKE) -s --no-print-directory playground,:) || true
.PHONY: playground playground-serve playground-built
