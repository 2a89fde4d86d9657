/** The audit log is asked for by act, by who did it and to whom, and by when. */
export const auditBy = {
  version: 23,
  needs: 19,
  sql: `
CREATE INDEX audit_by_act ON audit (act, id);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_user ON audit (user_id, id);
CREATE INDEX audit_by_time ON audit (at);
`,
};
