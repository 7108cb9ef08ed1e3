// chromium.mjs - drives a headless Chromium by the DevTools protocol, over a pipe.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// profile: a directory that is not there. Returns: { page(), close() }
export async function chromium(profile) {
  const options = ['--headless', '--disable-gpu', '--no-sandbox', '--no-first-run', '--ignore-certificate-errors', '--hide-scrollbars', '--disable-background-networking',
    '--host-resolver-rules=MAP *.localhost 127.0.0.1', `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'];
  const child = spawn('chromium', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map(), listeners = [], ended = new Promise((done) => child.once('exit', done));
  let number = 0, rest = '';
  child.stdio[4].setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map(JSON.parse)) {
      if (message.id === undefined) listeners.forEach((listen) => listen(message));
      else {
        const { done, fail } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) fail(new Error(message.error.message));
        else done(message.result);
      }
    }
  });
  const send = (method, params = {}, sessionId = undefined) => new Promise((done, fail) => {
    waiting.set(++number, { done, fail });
    child.stdio[3].write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
  });

  async function page() {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const call = (method, params) => send(method, params, sessionId), errors = [];
    let loaded = () => {};
    listeners.push(({ method, params, sessionId: from }) => {
      if (from !== sessionId) return;
      if (method === 'Page.loadEventFired') loaded();
      if (method === 'Runtime.exceptionThrown') errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    });
    await call('Page.enable');
    await call('Runtime.enable');
    const { userAgent } = await send('Browser.getVersion');
    await call('Emulation.setUserAgentOverride', { userAgent: userAgent.replace('Headless', ''), acceptLanguage: 'en-US' }); // functions know Headless for a robot
    await call('Emulation.setDeviceMetricsOverride', { width: 1200, height: 800, deviceScaleFactor: 1, mobile: false });
    const self = {
      errors, call,
      async run(expression) {
        const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true });
        if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
        return result.value;
      },
      // What act() leads to is loaded. Returns: the error of a page that cannot be shown.
      async loads(act) {
        const done = new Promise((resolve) => (loaded = resolve));
        const answer = await act();
        await Promise.race([done, sleep(10000)]);
        return answer?.errorText;
      },
      open: (url) => self.loads(() => call('Page.navigate', { url })),
      text: () => self.run('document.body.innerText'),
      async until(expression, what = expression) {
        for (let i = 0; i < 800; i++) {
          const value = await self.run(expression).catch(() => null); // a page that is being replaced
          if (value) return value;
          await sleep(25);
        }
        throw new Error(`it does not come: ${what}`);
      },
      async picture(file, { width = 1200, height = 800, dark = false } = {}) {
        await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
        await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
        await sleep(150);
        const { data } = await call('Page.captureScreenshot', { format: 'png' });
        writeFileSync(file, Buffer.from(data, 'base64'));
      },
      close: () => send('Target.closeTarget', { targetId }),
    };
    return self;
  }
  return { page, close: async () => { child.kill(); await ended; } };
}
