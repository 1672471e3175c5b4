// A worker as its kernel sees it, the same in browsers and in Node.

/** What makes workers: `Worker` in a browser, that of `node:worker_threads` in Node. */
export type WorkerClass = new (file: URL, options: { readonly type: "module" }) => unknown;

/** `(Worker) => new Worker(new URL("./attnc-worker.js", import.meta.url), { type: "module" })`: bundlers look for this form. The
 *  file is what `./worker.ts` becomes: of a built folder, or of this package. */
export type StartWorker = (Worker: WorkerClass) => unknown;

export type WorkerPort = {
  post(message: unknown): void;
  /** A worker that is kept alive keeps the process alive, where there is one. */
  keepAlive(yes: boolean): void;
  end(): void;
};

export type WorkerEvents = {
  readonly onMessage: (message: unknown) => void;
  /** The worker is gone, or could not start. */
  readonly onEnd: (reason: string) => void;
};

type BrowserWorker = {
  postMessage(message: unknown): void;
  terminate(): void;
  /** Engines outside of browsers have them too. */
  ref?(): void;
  unref?(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onmessageerror: (() => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault?(): void }) => void) | null;
};
type NodeWorker = {
  postMessage(message: unknown): void;
  terminate(): void;
  ref(): void;
  unref(): void;
  on(event: "message", listener: (message: unknown) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "exit", listener: (code: number) => void): void;
};

export async function openWorker(start: StartWorker, events: WorkerEvents): Promise<WorkerPort> {
  const made = start(typeof Worker === "undefined" ? await nodeWorkers() : (Worker as unknown as WorkerClass));
  const worker = made as BrowserWorker | NodeWorker;
  // By what was made: a library may have put the class of Node where that of a browser stands.
  if ("on" in worker) listenInNode(worker, events);
  else listenInBrowser(worker, events);
  return {
    post: (message) => worker.postMessage(message),
    keepAlive: (yes) => (yes ? worker.ref?.() : worker.unref?.()),
    end: () => worker.terminate(),
  };
}

async function nodeWorkers(): Promise<WorkerClass> {
  // The name stands in a variable so that bundlers for the browser leave it alone.
  const threads = "node:worker_threads";
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ threads)).Worker;
}

function listenInBrowser(worker: BrowserWorker, { onMessage, onEnd }: WorkerEvents): void {
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onmessageerror = () => onEnd("a message could not be read");
  worker.onerror = (event) => {
    event.preventDefault?.();
    onEnd(event.message ?? "its file could not be loaded");
  };
}

function listenInNode(worker: NodeWorker, { onMessage, onEnd }: WorkerEvents): void {
  worker.on("message", onMessage);
  worker.on("error", (error) => onEnd(error.message));
  worker.on("exit", (code) => onEnd(`it ended with code ${code}`));
}
