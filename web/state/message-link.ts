interface Placed {
  readonly room_id: number;
  readonly id: number;
  readonly thread?: number | undefined;
}

/** The address of one message, for whoever may read it. A reply is shown in its thread. */
export function messagePath({ room_id, id, thread }: Placed): string {
  return thread === undefined ? `/chat/${room_id}/${id}` : `/chat/${room_id}/thread/${thread}/${id}`;
}

export function messageLink(message: Placed): string {
  return location.origin + messagePath(message);
}
