/** The address of one message, for whoever may read it. */
export function messagePath({ room_id, id }: { room_id: number; id: number }): string {
  return `/chat/${room_id}/${id}`;
}

export function messageLink(message: { room_id: number; id: number }): string {
  return location.origin + messagePath(message);
}
