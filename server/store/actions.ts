import { actsAfter, listActs } from "../audit/list-acts.ts";
import { linkPassword } from "../auth/link-password.ts";
import * as passwordLinks from "../auth/password-links.ts";
import { refreshSession } from "../auth/refresh-session.ts";
import * as sessions from "../auth/sessions.ts";
import { giveGuessBack, takeGuess } from "../auth/shared-guesses.ts";
import { keepTicket, useTicket } from "../auth/shared-tickets.ts";
import { signUp } from "../auth/sign-up.ts";
import { block, unblock } from "../blocks/block.ts";
import { listBlocks } from "../blocks/queries.ts";
import { keepDraft } from "../drafts/keep-draft.ts";
import { importBatch } from "../import/import-batch.ts";
import * as imports from "../import/known-imports.ts";
import { findInvite } from "../invites/find-invite.ts";
import { makeInvite } from "../invites/make-invite.ts";
import { listInvites } from "../invites/queries.ts";
import { revokeInvite } from "../invites/revoke-invite.ts";
import { sweepInvites } from "../invites/sweep-invites.ts";
import { useInvite } from "../invites/use-invite.ts";
import { digestFor } from "../mail/digest.ts";
import * as mail from "../mail/subscriptions.ts";
import { deleteMessage, eraseMessage } from "../messages/delete-message.ts";
import { editMessage, listFormerTexts } from "../messages/edit-message.ts";
import { getMessage } from "../messages/message-for.ts";
import { listPinned, listPins, pin } from "../messages/pin.ts";
import { listReactions, react } from "../messages/react.ts";
import { readMissed } from "../messages/read-missed.ts";
import { readNewest } from "../messages/read-newest.ts";
import { readPage } from "../messages/read-page.ts";
import { sendJoining } from "../messages/send-joining.ts";
import { sendReply } from "../messages/send-reply.ts";
import { changePreferences, setLevel } from "../notify/change-preferences.ts";
import { changeGroupMember, deleteGroup, listGroups, makeGroup, setGroupMembers } from "../notify/groups.ts";
import { listMentions } from "../notify/list-mentions.ts";
import { noteTold } from "../notify/note-told.ts";
import { getPreferences } from "../notify/preferences.ts";
import { whomToReach } from "../notify/whom-to-reach.ts";
import { whyNotified } from "../notify/why.ts";
import { browsersToTell, newsFor } from "../push/news.ts";
import * as push from "../push/subscriptions.ts";
import { addMembers } from "../rooms/add-members.ts";
import { ban, liftBans, unban } from "../rooms/ban.ts";
import { changeRoom } from "../rooms/change-room.ts";
import { createRoom, mayMakeRoom } from "../rooms/create-room.ts";
import { deleteRoom, sweepDeleted } from "../rooms/delete-room.ts";
import { explainMay } from "../rooms/explain-may.ts";
import { giveRole, transferRoom } from "../rooms/give-role.ts";
import { houseSince } from "../rooms/house-rooms.ts";
import { joinRoom } from "../rooms/join-room.ts";
import { leaveRoom } from "../rooms/leave-room.ts";
import { markRead } from "../rooms/mark-read.ts";
import { markUnread } from "../rooms/mark-unread.ts";
import * as myRooms from "../rooms/my-rooms.ts";
import { openDirect } from "../rooms/open-direct.ts";
import * as rooms from "../rooms/queries.ts";
import { readLog } from "../rooms/read-log.ts";
import { removeMember } from "../rooms/remove-member.ts";
import { listRoomsBySize } from "../rooms/rooms-by-size.ts";
import { setApart } from "../rooms/set-apart.ts";
import { listSaved, saveMessage, unsaveMessage } from "../saved/saved.ts";
import { cancelScheduled, changeScheduled, schedule } from "../scheduled/schedule.ts";
import { getScheduled, listScheduled } from "../scheduled/scheduled.ts";
import { failScheduled, listDue, sendScheduled } from "../scheduled/send-scheduled.ts";
import { readHouseSize } from "../settings/health.ts";
import { changeSetting, chosenSettings } from "../settings/settings.ts";
import { follow, markThreadRead, setThreadLevel } from "../threads/follow.ts";
import { followedBy, listThreads } from "../threads/my-threads.ts";
import { readThread } from "../threads/read-thread.ts";
import { sendInThread } from "../threads/send-in-thread.ts";
import { changeProfile } from "../users/change-profile.ts";
import { changeUser } from "../users/change-user.ts";
import { eraseUser } from "../users/erase-user.ts";
import { readOwnData, readOwnWords } from "../users/export-own.ts";
import { listErased } from "../users/list-erased.ts";
import { mayChangeUser } from "../users/may-change-user.ts";
import { getPerson, listFaces, listPeople, nearAmong } from "../users/people.ts";
import * as users from "../users/queries.ts";
import { sweepWords } from "../users/sweep-words.ts";
import { beat } from "./beat.ts";
import { readHeld } from "./held.ts";
import type { Actor, Sql, Tx } from "./sql.ts";

/** Everything that can be done to the store, by name: what crosses to the writer and the readers. */

export const writes = {
  "add-members": addMembers,
  block,
  ban,
  beat: byNobody(beat),
  "begin-import": byNobody(imports.beginImport),
  "change-password": sessions.changePassword,
  "change-preferences": changePreferences,
  "change-profile": changeProfile,
  "cancel-scheduled": cancelScheduled,
  "change-room": changeRoom,
  "change-group-member": changeGroupMember,
  "change-scheduled": changeScheduled,
  "change-setting": changeSetting,
  "change-user": changeUser,
  "confirm-email": mail.confirmEmail,
  "create-room": createRoom,
  "delete-group": deleteGroup,
  "delete-message": deleteMessage,
  "delete-room": deleteRoom,
  "edit-message": editMessage,
  "end-session": sessions.endSession,
  "drop-push": byNobody(push.dropSubscription),
  "end-digest": mail.turnDigestOff,
  "end-push": push.unsubscribe,
  "erase-message": eraseMessage,
  "erase-user": eraseUser,
  "fail-scheduled": failScheduled,
  follow,
  "give-role": giveRole,
  "give-guess-back": byNobody(giveGuessBack),
  "import-batch": byNobody(importBatch),
  "join-room": joinRoom,
  "keep-draft": keepDraft,
  "keep-ticket": byNobody(keepTicket),
  "leave-room": leaveRoom,
  "lift-bans": byNobody(liftBans),
  "link-password": linkPassword,
  "log-out": byNobody(sessions.logOut),
  "make-group": makeGroup,
  "make-invite": makeInvite,
  "make-password-link": byNobody(passwordLinks.makePasswordLink),
  "mark-read": markRead,
  "mark-unread": markUnread,
  "mark-thread-read": markThreadRead,
  "move-push": byNobody(push.moveSubscription),
  "note-told": byNobody(noteTold),
  "next-digests": byNobody(mail.nextDigests),
  "open-direct": openDirect,
  pin,
  "put-digest": mail.turnDigestOn,
  "put-push": push.subscribe,
  react,
  "refresh-session": byNobody(refreshSession),
  "remove-member": removeMember,
  "revoke-invite": revokeInvite,
  "send-in-thread": sendInThread,
  "send-joining": sendJoining,
  "save-message": saveMessage,
  schedule,
  "send-reply": sendReply,
  "send-scheduled": sendScheduled,
  "set-group-members": setGroupMembers,
  "set-thread-level": setThreadLevel,
  "set-level": setLevel,
  "set-apart": setApart,
  "sign-up": byNobody(signUp),
  "start-session": byNobody(sessions.startSession),
  "sweep-deleted": byNobody(sweepDeleted),
  "sweep-invites": byNobody(sweepInvites),
  "sweep-words": byNobody(sweepWords),
  "transfer-room": transferRoom,
  "take-digest": byNobody(mail.takeDigest),
  "take-guess": byNobody(takeGuess),
  unban,
  unblock,
  "unsave-message": unsaveMessage,
  "use-invite": useInvite,
  "use-password-link": byNobody(passwordLinks.usePasswordLink),
  "use-ticket": byNobody(useTicket),
};

export const reads = {
  account: users.getAccount,
  audit: listActs,
  "audit-after": actsAfter,
  credentials: byNobody(sessions.findCredentials),
  "explain-may": explainMay,
  groups: listGroups,
  digest: byNobody(digestFor),
  // By itself, because it does not wait in line behind other reads.
  heal: byNobody(readHeld),
  held: byNobody(readHeld),
  house: houseSince,
  "house-accounts": users.listAccounts,
  "house-erased": listErased,
  "house-rooms": rooms.listHouseRooms,
  "house-rooms-by-size": listRoomsBySize,
  "house-size": readHouseSize,
  "imported-ids": byNobody(imports.importedIds),
  "is-empty": byNobody(users.isEmpty),
  invite: byNobody(findInvite),
  log: byNobody(readLog),
  "former-texts": listFormerTexts,
  "list-blocks": listBlocks,
  "list-faces": listFaces,
  "list-due": byNobody(listDue),
  "list-invites": listInvites,
  "list-kept-out": rooms.listKeptOut,
  "list-members": rooms.listMembers,
  "list-pinned": listPinned,
  "list-pins": listPins,
  "list-push": push.listSubscriptions,
  "own-push": push.ownSubscription,
  "list-reactions": listReactions,
  "list-rooms": rooms.listRooms,
  "list-saved": listSaved,
  "list-scheduled": listScheduled,
  "list-sessions": sessions.listSessions,
  "list-threads": listThreads,
  "list-users": listPeople,
  "mail-state": mail.mailState,
  "may-change-user": mayChangeUser,
  "may-create-room": mayMakeRoom,
  "may-govern": users.mayGovern,
  "may-in": rooms.mayIn,
  "may-read": rooms.mayRead,
  "may-speak": rooms.maySpeak,
  mentions: listMentions,
  message: getMessage,
  missed: readMissed,
  "my-credentials": sessions.credentialsOf,
  "my-places": myRooms.myPlaces,
  "my-room": myRooms.myRoomNow,
  "my-rooms": myRooms.myRoomsSince,
  "my-threads": followedBy,
  "near-among": nearAmong,
  newest: readNewest,
  "own-data": readOwnData,
  "own-words": readOwnWords,
  page: readPage,
  "password-link": byNobody(passwordLinks.findPasswordLink),
  "push-browsers": byNobody(browsersToTell),
  "push-news": byNobody(newsFor),
  preferences: getPreferences,
  room: rooms.getRoom,
  "rooms-named": rooms.roomsNamed,
  scheduled: getScheduled,
  settings: byNobody(chosenSettings),
  session: byNobody(sessions.findSession),
  thread: readThread,
  user: getPerson,
  "whom-to-reach": byNobody(whomToReach),
  why: whyNotified,
  "what-is-here": byNobody(imports.whatIsHere),
};

export type Writes = typeof writes;
export type Reads = typeof reads;

type Action = (sql: never, actor: Actor, args: never) => Promise<unknown>;
export type ArgsOf<A extends Action> =
  Parameters<A> extends [unknown, unknown, infer Args] ? (unknown extends Args ? undefined : Args) : undefined;
export type ResultOf<A extends Action> = Awaited<ReturnType<A>>;

/** For what happens before anybody is known: sign-up, login, the server's own work. */
function byNobody<S extends Sql | Tx, Args, Result>(run: (sql: S, args: Args) => Promise<Result>) {
  return (sql: S, _actor: Actor, args: Args): Promise<Result> => run(sql, args);
}
