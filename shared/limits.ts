/** Every number both ends must agree on. Sizes are bytes of UTF-8, times are milliseconds unless the name says otherwise. */
export const limits = {
  contentBytes: 32 * 1024,
  contentGraphemes: 8_000,
  nonceBytes: 64,
  frameBytes: 64 * 1024,
  bodyBytes: 128 * 1024,
  /** A connection may send this many frames at once, and this many a second after that. */
  frameBurst: 200,
  framesPerSecond: 50,
  /** Frames in excess, before it has been quiet for a while: then it is closed. */
  framesInExcess: 500,
  /** A frame in excess that is longer is not read for what it is about. */
  excessBytes: 4 * 1024,
  /** Frames that wait while their connection is being answered its hello, together. */
  waitingBytes: 256 * 1024,
  helloWithin: 5_000,
  heartbeatEvery: 25_000,
  /** A server drops a connection that has been silent for two heartbeats and some grace. */
  silentFor: 60_000,
  queuedBytes: 1024 * 1024,
  /** Who is being told what they missed, and takes nothing of it for so long, is cut. */
  drainWithin: 30_000,
  /** What is said meanwhile is recorded up to this, for each stream. */
  recordedBytes: 4 * 1024 * 1024,
  /** The history that a socket of one room is told. */
  historyBytes: 256 * 1024,
  socketsPerPerson: 100,
  socketsPerAddress: 2_000,
  openRooms: 100,
  pageDefault: 50,
  pageMost: 100,
  /** People and changes that are named between two messages: of what happened there, the newest. */
  namedBetween: 50,
  resumePerRoom: 500,
  resumeInAll: 5_000,
  streamChunk: 500,
  usernameLength: 40,
  emailLength: 254,
  /** Characters of what somebody says of themselves for a while. */
  statusLength: 80,
  passwordLeast: 8,
  passwordMost: 256,
  roomNameLength: 80,
  descriptionLength: 500,
  membersAtOnce: 100,
  /** People in one direct talk, oneself among them. */
  directPeople: 16,
  /** Characters of why somebody is kept out of a room. */
  banReasonLength: 200,
  /** People whom one person blocks. */
  blocks: 1_000,
  inviteRooms: 20,
  inviteUses: 10_000,
  inviteSeconds: 365 * 86_400,
  activeListed: 200,
  /** Different emoji on one message, emoji of one person on it, and reactions in all. */
  emojisPerMessage: 20,
  emojisPerPerson: 10,
  reactionsPerMessage: 1_000,
  /** Bytes of one emoji: the longest families and flags of today have 35. */
  emojiBytes: 64,
  pinsPerRoom: 100,
  /** Drafts of one person, and bytes of all of them: they come with each hello. */
  draftsPerPerson: 100,
  draftBytesInAll: 256 * 1024,
  /** A draft that is being written is told to the server so often. */
  draftEvery: 1_000,
  savedPerPerson: 1_000,
  scheduledPerPerson: 100,
  scheduledBytesInAll: 256 * 1024,
  scheduledAheadDays: 366,
  /** Former texts kept of one message; beyond them it is edited no more. */
  editsPerMessage: 100,
  unreadCounted: 999,
  /** Threads that one person follows; one more lets go of the one that has been quiet longest. */
  followedThreads: 500,
  /** People whom one message calls by name, groups that it calls, and different names in it that are looked up. */
  calledByName: 50,
  calledGroups: 10,
  calledNames: 200,
  /** Up to so many members anybody who writes in a room may call all of them; beyond it its moderators may. */
  everyoneCalls: 50,
  /** Unread messages that call a person, a room. */
  calledCounted: 100,
  keywords: 50,
  keywordLength: 60,
  groups: 100,
  groupMembers: 500,
  /** People who are considered for one notification outside of open sockets. */
  reachedAtOnce: 500,
  typingEvery: 3_000,
  typingShownFor: 5_000,
  ticketFor: 30_000,
  accessTokenSeconds: 600,
  compatTokenSeconds: 12 * 3_600,
  /** Browsers of one person that are told while they are closed, and characters of the address of one. */
  pushPerPerson: 20,
  pushEndpointLength: 2_048,
  sessionIdleDays: 60,
  refreshForgivenFor: 60_000,
} as const;
