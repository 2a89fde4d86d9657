import type { MadePasswordLink } from "#shared/contract/house.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { SecretLink } from "#web/ui/SecretLink.tsx";
import { shortTime } from "#web/ui/show-time.ts";

/** A link by which somebody sets their password: shown once. */
export function LinkDialog({ link, onClose }: { link: MadePasswordLink; onClose: () => void }) {
  return (
    <Dialog
      title={`A link for ${link.username}`}
      description={`Give it to them and to nobody else. It is shown only now, and good until ${shortTime(link.expires_at)}.`}
      onClose={onClose}
    >
      <SecretLink label="Password link" link={`${location.origin}/chat/password#${link.token}`} />
      <DialogActions>
        <Button look="main" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
