import type {
  AccountList,
  ChangePassword,
  ChangeUser,
  ServerInfo,
  SessionList,
  SignUp,
  Ticket,
  UserList,
} from "#shared/contract/accounts.ts";
import type {
  AuditAct,
  AuditPage,
  HouseHealth,
  HouseMay,
  HouseSettings,
  MadePasswordLink,
  SettingName,
} from "#shared/contract/house.ts";
import type { InviteList, InviteLook, InviteMade, InviteUsed, MakeInvite } from "#shared/contract/invites.ts";
import type { ChangeScheduled, SavedList, ScheduledList, ScheduleMessage } from "#shared/contract/kept.ts";
import type { Digest } from "#shared/contract/mail.ts";
import type { ErasureReceipt, FormerTexts, PinList, PinnedIds, ReactionList } from "#shared/contract/messages.ts";
import type { ChangePreferences, Group, GroupList, MentionList, Why } from "#shared/contract/notify.ts";
import type { BlockList, ChangeProfile, ErasedWords, Person, SeenList } from "#shared/contract/people.ts";
import type { PushBrowser, PushState, PushTried, PutPush } from "#shared/contract/push.ts";
import type {
  ActiveList,
  Ban,
  ChangeRoom,
  CreateRoom,
  GivenHistory,
  HouseRoomList,
  KeptOutList,
  MemberList,
  OpenDirect,
  RoomList,
  SendMessage,
  SetApart,
} from "#shared/contract/rooms.ts";
import type { FollowedThreads, ThreadPage } from "#shared/contract/threads.ts";
import { Refusal } from "#shared/errors.ts";
import type {
  Account,
  Draft,
  Level,
  ListedRoom,
  ManagedAccount,
  Message,
  MessagePage,
  Preferences,
  RoomRole,
  SavedMark,
  Scheduled,
} from "#shared/models.ts";
import { type Caller, call, type Method } from "./call.ts";
import type { Session } from "./session.ts";

export { type Fetch, Offline } from "./call.ts";

export interface ListPart {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** A part of a list whose items have that in their name. */
export type NamedPart = ListPart & { name?: string | undefined };

/** Which messages: the newest, or those beside a place in the room's log. */
export type PagePart = { limit?: number } & (
  | { before?: never; after?: never; around?: never }
  | { before: number; after?: never; around?: never }
  | { after: number; before?: never; around?: never }
  | { around: number; before?: never; after?: never }
);

export type Api = ReturnType<typeof createApi>;

/** The REST calls, typed. Each rejects with a Refusal (the server said no) or Offline (no answer came). */
export function createApi(options: Caller & { session: Session }) {
  async function ask(method: Method, path: string, body?: unknown, plain = false): Promise<unknown> {
    const token = await options.session.accessToken();
    try {
      return await call(options, method, path, { body, token, plain });
    } catch (error) {
      if (!isTokenFault(error)) throw error;
      options.session.rejected(token);
    }
    return call(options, method, path, { body, token: await options.session.accessToken(), plain });
  }
  const get = <Answer>(path: string) => ask("GET", `/api/v1${path}`) as Promise<Answer>;
  const post = <Answer>(path: string, body?: unknown) => ask("POST", `/api/v1${path}`, body) as Promise<Answer>;
  const tell = async (method: Method, path: string, body?: unknown): Promise<void> => {
    await ask(method, `/api/v1${path}`, body);
  };

  return {
    /** The two that need no session. */
    info: () => call(options, "GET", "/api/v1/info") as Promise<ServerInfo>,
    signUp: (body: SignUp) => call(options, "POST", "/api/v1/signup", { body }) as Promise<Account>,

    me: () => get<Account>("/me"),
    changePassword: (body: ChangePassword) => tell("POST", "/me/password", body),
    sessions: (part: ListPart = {}) => get<SessionList>(`/me/sessions${query(part)}`),
    endSession: (id: string) => tell("DELETE", `/me/sessions/${encodeURIComponent(id)}`),
    logOut: () => tell("POST", "/logout"),
    ticket: () => post<Ticket>("/ticket"),
    person: (id: number) => get<Person>(`/users/${id}`),
    push: () => get<PushState>("/me/push"),
    putPush: (body: PutPush) => post<PushBrowser>("/me/push", body),
    testPush: () => post<PushTried>("/me/push/test", {}),
    endPush: () => tell("DELETE", "/me/push"),
    digest: () => get<Digest>("/me/digest"),
    putDigest: (on: boolean) => ask("PUT", "/api/v1/me/digest", { on }) as Promise<Digest>,
    confirmEmail: () => tell("POST", "/me/email/confirm"),
    changeProfile: (body: ChangeProfile) => ask("PATCH", "/api/v1/me/profile", body) as Promise<Person>,
    faces: (ids: readonly number[]) => get<UserList>(`/users?ids=${ids.join(",")}`),
    seen: (ids: readonly number[]) => get<SeenList>(`/presence?ids=${ids.join(",")}`),
    users: (part: NamedPart = {}) => get<UserList>(`/users${query(part)}`),

    /** For admins. */
    makeAccount: (body: SignUp) => post<Account>("/signup", body),
    accounts: (part: NamedPart = {}) => get<AccountList>(`/house/accounts${query(part)}`),
    changeUser: (id: number, body: ChangeUser) => ask("PATCH", `/api/v1/users/${id}`, body) as Promise<ManagedAccount>,
    exportOwn: () => ask("GET", "/api/v1/me/export", undefined, true) as Promise<string>,
    eraseUser: (id: number, words: ErasedWords) => post<{ id: number }>(`/users/${id}/erase`, { words }),
    makePasswordLink: (id: number) => post<MadePasswordLink>(`/users/${id}/password-link`),
    roomsBySize: (part: NamedPart = {}) => get<HouseRoomList>(`/house/rooms/by-size${query(part)}`),
    mayIn: (user: number, room: number) => get<HouseMay>(`/house/may${query({ user, room })}`),
    settings: () => get<HouseSettings>("/house/settings"),
    changeSetting: (name: SettingName, value: string | null) =>
      ask("PUT", `/api/v1/house/settings/${name}`, { value }) as Promise<HouseSettings>,
    health: () => get<HouseHealth>("/house/health"),
    audit: (part: ListPart & { act?: AuditAct; person?: number; from?: string; to?: string } = {}) =>
      get<AuditPage>(`/house/audit${query(part)}`),
    exportAudit: (form: "csv" | "jsonl") =>
      ask("GET", `/api/v1/house/audit/export?form=${form}`, undefined, true) as Promise<string>,

    rooms: (part: ListPart = {}) => get<RoomList>(`/rooms${query(part)}`),
    room: (id: number) => get<ListedRoom>(`/rooms/${id}`),
    createRoom: (body: CreateRoom) => post<ListedRoom>("/rooms", body),
    changeRoom: (id: number, body: ChangeRoom) => ask("PATCH", `/api/v1/rooms/${id}`, body) as Promise<ListedRoom>,
    deleteRoom: (id: number) => tell("DELETE", `/rooms/${id}`),
    joinRoom: (id: number) => post<ListedRoom>(`/rooms/${id}/join`),
    leaveRoom: (id: number) => tell("POST", `/rooms/${id}/leave`),
    members: (id: number, part: NamedPart = {}) => get<MemberList>(`/rooms/${id}/members${query(part)}`),
    addMembers: (id: number, userIds: number[], history?: GivenHistory) =>
      tell("POST", `/rooms/${id}/members`, { user_ids: userIds, ...(history === undefined ? {} : { history }) }),
    giveRole: (id: number, userId: number, role: RoomRole) =>
      tell("PUT", `/rooms/${id}/members/${userId}/role`, { role }),
    transferRoom: (id: number, userId: number) => tell("POST", `/rooms/${id}/transfer`, { user_id: userId }),
    keptOut: (id: number, part: ListPart = {}) => get<KeptOutList>(`/rooms/${id}/removed${query(part)}`),
    makeInvite: (body: MakeInvite) => post<InviteMade>("/invites", body),
    /** One's own, or of the whole house for its admins. */
    invites: (part: ListPart = {}) => get<InviteList>(`/invites${query(part)}`),
    invitesInto: (roomId: number, part: ListPart = {}) =>
      get<InviteList>(`/invites${query({ ...part, room_id: roomId })}`),
    revokeInvite: (id: number) => tell("DELETE", `/invites/${id}`),
    lookAtInvite: (token: string) =>
      call(options, "POST", "/api/v1/invite-link/look", { body: { token } }) as Promise<InviteLook>,
    useInvite: (token: string) => post<InviteUsed>("/invite-link/use", { token }),
    openDirect: (body: OpenDirect) => post<ListedRoom>("/direct", body),
    removeMember: (id: number, userId: number) => tell("DELETE", `/rooms/${id}/members/${userId}`),
    sendOut: (id: number, userId: number) => tell("DELETE", `/rooms/${id}/members/${userId}?keep_out=false`),
    ban: (id: number, body: Ban) => tell("POST", `/rooms/${id}/bans`, body),
    unban: (id: number, userId: number) => tell("DELETE", `/rooms/${id}/bans/${userId}`),

    messages: (roomId: number, part: PagePart = {}) => get<MessagePage>(`/rooms/${roomId}/messages${query(part)}`),
    message: (id: number) => get<Message>(`/messages/${id}`),
    editMessage: (id: number, content: string) =>
      ask("PATCH", `/api/v1/messages/${id}`, { content }) as Promise<Message>,
    deleteMessage: (id: number) => tell("DELETE", `/messages/${id}`),
    eraseMessage: (id: number) => post<ErasureReceipt>(`/messages/${id}/erase`),
    formerTexts: (id: number) => get<FormerTexts>(`/messages/${id}/texts`),
    reactions: (id: number) => get<ReactionList>(`/messages/${id}/reactions`),
    react: (id: number, emoji: string, on: boolean) =>
      ask(on ? "PUT" : "DELETE", `/api/v1/messages/${id}/reactions/${encodeURIComponent(emoji)}`) as Promise<Message>,
    pin: (id: number, on: boolean) => ask(on ? "PUT" : "DELETE", `/api/v1/messages/${id}/pin`) as Promise<Message>,
    markUnread: (id: number) => tell("PUT", `/messages/${id}/unread`),
    keepDraft: (roomId: number, content: string, thread?: number) =>
      ask("PUT", `/api/v1/rooms/${roomId}/draft`, { content, thread }) as Promise<Draft>,
    saved: (part: ListPart = {}) => get<SavedList>(`/me/saved${query(part)}`),
    saveMessage: (id: number) => ask("PUT", `/api/v1/messages/${id}/saved`) as Promise<SavedMark>,
    unsaveMessage: (id: number) => tell("DELETE", `/messages/${id}/saved`),
    schedule: (roomId: number, body: ScheduleMessage) => post<Scheduled>(`/rooms/${roomId}/scheduled`, body),
    scheduled: () => get<ScheduledList>("/me/scheduled"),
    changeScheduled: (id: number, body: ChangeScheduled) =>
      ask("PATCH", `/api/v1/scheduled/${id}`, body) as Promise<Scheduled>,
    cancelScheduled: (id: number) => tell("DELETE", `/scheduled/${id}`),
    pinned: (roomId: number) => get<PinnedIds>(`/rooms/${roomId}/pinned`),
    pins: (roomId: number) => get<PinList>(`/rooms/${roomId}/pins`),
    sendMessage: (roomId: number, body: SendMessage) => post<Message>(`/rooms/${roomId}/messages`, body),
    threads: (part: ListPart = {}) => get<FollowedThreads>(`/me/threads${query(part)}`),
    thread: (roomId: number, rootId: number, part: PagePart = {}) =>
      get<ThreadPage>(`/rooms/${roomId}/threads/${rootId}/messages${query(part)}`),
    follow: (roomId: number, rootId: number, on: boolean) =>
      tell(on ? "PUT" : "DELETE", `/rooms/${roomId}/threads/${rootId}/follow`),
    setThreadLevel: (roomId: number, rootId: number, level: Level | null) =>
      tell("PUT", `/rooms/${roomId}/threads/${rootId}/notify`, { level }),
    markThreadRead: (roomId: number, rootId: number, seq: number) =>
      tell("PUT", `/rooms/${roomId}/threads/${rootId}/read`, { seq }),
    mentions: (part: ListPart = {}) => get<MentionList>(`/me/mentions${query(part)}`),
    preferences: () => get<Preferences>("/me/preferences"),
    changePreferences: (body: ChangePreferences) =>
      ask("PATCH", "/api/v1/me/preferences", body) as Promise<Preferences>,
    setLevel: (roomId: number, level: Level | null) => tell("PUT", `/rooms/${roomId}/notify`, { level }),
    why: (messageId: number) => get<Why>(`/messages/${messageId}/why`),
    groups: () => get<GroupList>("/groups"),
    makeGroup: (name: string) => post<Group>("/groups", { name }),
    setGroupMembers: (id: number, userIds: number[]) =>
      ask("PUT", `/api/v1/groups/${id}/members`, { user_ids: userIds }) as Promise<Group>,
    putInGroup: (id: number, userId: number, on: boolean) =>
      ask(on ? "PUT" : "DELETE", `/api/v1/groups/${id}/members/${userId}`) as Promise<Group>,
    deleteGroup: (id: number) => tell("DELETE", `/groups/${id}`),
    setApart: (roomId: number, body: SetApart) => tell("PATCH", `/rooms/${roomId}/mine`, body),
    blocks: (part: ListPart = {}) => get<BlockList>(`/me/blocks${query(part)}`),
    block: (userId: number) => tell("PUT", `/me/blocks/${userId}`),
    unblock: (userId: number) => tell("DELETE", `/me/blocks/${userId}`),
    active: (roomId: number) => get<ActiveList>(`/rooms/${roomId}/active`),
    markRead: (roomId: number, seq: number) => tell("PUT", `/rooms/${roomId}/read`, { seq }),
  };
}

/** A wrong password is 401 too, and says nothing about the token. */
function isTokenFault(error: unknown): boolean {
  return error instanceof Refusal && error.status === 401 && error.code !== "wrong_credentials";
}

function query(part: object): string {
  const pairs = Object.entries(part).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}
