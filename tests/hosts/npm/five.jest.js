// five.jest.js - the same in Jest, whose configuration has setupFilesAfterEnv: ['edgefn/jest']
const { readFileSync } = require('node:fs');
const { runInNewContext } = require('node:vm');
const { check, sample } = require('edgefn');

// Jest loads no ES modules without an option of Node.js: the two that are scripts
test('basic-auth.js', (done) => {
  const event = sample('viewer-request');
  require('./functions/basic-auth.js').handler(structuredClone(event), {}, (error, result) => {
    expect(result).not.toBeAcceptedBy(event);
    expect(() => expect(result).toBeAcceptedBy(event)).toThrow('status.number');
    expect(check(event, result).map(({ rule }) => rule)).toEqual(['status.number', 'headers.array']);
    done(error);
  });
});

test('redirect-slash.js', () => {
  const handler = runInNewContext(`${readFileSync(`${__dirname}/functions/redirect-slash.js`)}; handler`);
  const event = sample('functions-viewer-request');
  expect(handler(structuredClone(event))).not.toBeAcceptedBy(event);
  expect(structuredClone(event).request).toBeAcceptedBy(event);
});
