// Requests to the service, and what they fail with.

const KEY = "kg-rec-token";

/** What a request failed with: an HTTP status (0: no answer), a code and a message. */
export class Fault extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Called when the service asks for a token, or refuses the one it got. */
let onRefused = () => {};
export const whenRefused = (listener) => { onRefused = listener; };
export const keepToken = (token) => sessionStorage.setItem(KEY, token);

async function faultOf(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // whatever stands between the page and the service may answer without JSON
  }
  return new Fault(response.status, error.code ?? "error", error.message ?? response.statusText);
}

async function send(method, path, body, signal) {
  const token = sessionStorage.getItem(KEY);
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault(0, "unreachable", "");
  }
}

/** Return the response to a request; a Fault is thrown for any that is no success. */
export async function request(method, path, body, signal) {
  const response = await send(method, path, body, signal);
  if (response.ok) return response;
  const fault = await faultOf(response);
  if (fault.status === 401) onRefused(fault);
  throw fault;
}

export const get = async (path, signal) => (await request("GET", path, undefined, signal)).json();
export const post = async (path, body, signal) => (await request("POST", path, body, signal)).json();

/** Return a query string. */
export const query = (values) => `?${new URLSearchParams(values)}`;
