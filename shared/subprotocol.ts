/** The protocol's name, offered as the first subprotocol by clients that prove themselves with `bearer.TOKEN`. */
export const PROTOCOL = "parlour.v1";
