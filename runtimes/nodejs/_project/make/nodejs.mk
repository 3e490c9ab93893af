# What the Node.js functions add to the Makefile's install, test and lint.
NODE_MODULES := node_modules/.package-lock.json

.PHONY: install-nodejs test-nodejs lint-nodejs
install: install-nodejs
test: test-nodejs
lint: lint-nodejs

$(NODE_MODULES): package.json $(wildcard src/*/package.json)
	npm install --no-audit --no-fund
	@touch $@

install-nodejs: $(NODE_MODULES)

test-nodejs: $(NODE_MODULES)
	npm test

lint-nodejs: $(NODE_MODULES)
	npm run lint
