interface Place {
  room_id: number;
  id: number;
  thread?: number | undefined;
}

/** The address of one message, for whoever may read it; of a reply that of its thread. */
export function messagePath({ room_id, id, thread }: Place): string {
  return thread === undefined ? `/chat/${room_id}/${id}` : `/chat/${room_id}/thread/${thread}`;
}

export function messageLink(message: Place): string {
  return location.origin + messagePath(message);
}
