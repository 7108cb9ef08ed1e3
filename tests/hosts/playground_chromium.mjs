// playground_chromium.mjs - drives Chromium headless through the DevTools protocol, over a pipe. Used by playground.mjs.
import { spawn } from 'node:child_process';

const KEYS = { Enter: ['Enter', 13, '\r'], Tab: ['Tab', 9], Home: ['Home', 36], End: ['End', 35], ArrowRight: ['ArrowRight', 39], ArrowLeft: ['ArrowLeft', 37], ArrowDown: ['ArrowDown', 40],
  Backspace: ['Backspace', 8], Escape: ['Escape', 27], ' ': ['Space', 32, ' '] };

/** Starts Chromium. profile: a directory that is not there yet. */
export async function start(profile, program = 'chromium') {
  const options = ['--headless', '--disable-gpu', '--no-sandbox', '--hide-scrollbars', '--remote-debugging-pipe', '--no-first-run', '--force-device-scale-factor=1', `--user-data-dir=${profile}`,
    '--disable-background-networking', '--disable-dev-shm-usage', 'about:blank'];
  const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map(), listeners = new Set();
  let id = 0, rest = '';
  child.stdio[4].setEncoding('utf8');
  child.stdio[4].on('data', (chunk) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop();
    for (const message of messages.map((text) => JSON.parse(text))) {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (!call) listeners.forEach((listener) => listener(message));
      else if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
      else call.resolve(message.result);
    }
  });
  const failed = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended: ${code}`)));
  });
  failed.catch(() => undefined);
  const send = (method, params = {}, sessionId = undefined) => Promise.race([failed, new Promise((resolve, reject) => {
    waiting.set(++id, { resolve, reject, method });
    child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  })]);

  /** Opens a page: { send, evaluate, press, type, until, picture, errors, close }. */
  async function open(url, { width = 1360, height = 860, dark = false, before = '' } = {}) {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const call = (method, params) => send(method, params, sessionId), errors = [];
    const listener = ({ sessionId: from, method, params }) => {
      if (from !== sessionId) return;
      if (method === 'Runtime.exceptionThrown') errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      if (method === 'Log.entryAdded' && params.entry.level === 'error') errors.push(`${params.entry.text} ${params.entry.url ?? ''}`);
    };
    listeners.add(listener);
    for (const domain of ['Runtime', 'Page', 'Log']) await call(`${domain}.enable`);
    await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    if (before) await call('Page.addScriptToEvaluateOnNewDocument', { source: before });
    await call('Page.navigate', { url });

    async function evaluate(expression, ...args) {
      const text = typeof expression === 'function' ? `(${expression})(${args.map((a) => JSON.stringify(a)).join(',')})` : expression;
      const { result, exceptionDetails } = await call('Runtime.evaluate', { expression: text, awaitPromise: true, returnByValue: true, userGesture: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    }
    async function until(what, expression, ...args) {
      const end = Date.now() + 30000;
      for (;;) {
        const value = await evaluate(expression, ...args).catch((error) => (/context/.test(error.message) ? undefined : Promise.reject(error)));
        if (value) return value;
        if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    async function press(key, modifiers = 0) {
      const [code, number, text] = KEYS[key] ?? [undefined, key.toUpperCase().charCodeAt(0), key];
      const common = { key, code, windowsVirtualKeyCode: number, modifiers };
      await call('Input.dispatchKeyEvent', { type: text && modifiers === 0 ? 'keyDown' : 'rawKeyDown', text: modifiers === 0 ? text : undefined, ...common });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
    }
    async function picture(whole = false) {
      const { data } = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
      return Buffer.from(data, 'base64');
    }
    const type = (text) => call('Input.insertText', { text });
    async function close() {
      listeners.delete(listener);
      await send('Target.closeTarget', { targetId });
    }
    return { send: call, evaluate, until, press, type, picture, errors, close };
  }
  async function end() {
    failed.catch(() => undefined);
    await send('Browser.close').catch(() => undefined);
    await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
  }
  return { open, end };
}
