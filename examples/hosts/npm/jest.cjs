// jest.cjs - setupFilesAfterEnv: ['edgefn/jest'] adds expect(result).toBeAcceptedBy(event)
const { matchers } = require('./index.cjs');

expect.extend(matchers);
