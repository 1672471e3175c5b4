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
  const worker =
    typeof Worker === "undefined"
      ? await openInNode(start, events)
      : listenInBrowser(start(Worker as unknown as WorkerClass) as BrowserWorker, events);
  return {
    post: (message) => worker.postMessage(message),
    keepAlive: (yes) => (yes ? worker.ref?.() : worker.unref?.()),
    end: () => worker.terminate(),
  };
}

function listenInBrowser(worker: BrowserWorker, { onMessage, onEnd }: WorkerEvents): BrowserWorker {
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onmessageerror = () => onEnd("a message could not be read");
  worker.onerror = (event) => {
    event.preventDefault?.();
    onEnd(event.message ?? "its file could not be loaded");
  };
  return worker;
}

async function openInNode(start: StartWorker, { onMessage, onEnd }: WorkerEvents): Promise<NodeWorker> {
  // The name stands in a variable so that bundlers for the browser leave it alone.
  const threads = "node:worker_threads";
  const { Worker } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ threads)) as { Worker: WorkerClass };
  const worker = start(Worker) as NodeWorker;
  worker.on("message", onMessage);
  worker.on("error", (error) => onEnd(error.message));
  worker.on("exit", (code) => onEnd(`it ended with code ${code}`));
  return worker;
}
