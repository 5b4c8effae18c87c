/** How many bytes of awareness states each socket speaks for, over all documents it is at. */
export class PresenceAccounts {
  readonly #maxBytes: number;
  readonly #bytesBySocket = new WeakMap<object, number>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the socket may say so many bytes more; a negative number is room that it gives back. */
  hasRoomFor(socket: object, bytes: number): boolean {
    return bytes <= 0 || this.#bytesOf(socket) + bytes <= this.#maxBytes;
  }

  add(socket: object, bytes: number): void {
    this.#bytesBySocket.set(socket, this.#bytesOf(socket) + bytes);
  }

  #bytesOf(socket: object): number {
    return this.#bytesBySocket.get(socket) ?? 0;
  }
}
