import { z } from "zod";
import { storable } from "./storable.ts";

/** E-mail about what somebody did not read, under `/api/v1/me/digest` and `/api/v1/email`. */

export const Digest = z.strictObject({
  offered: z.boolean().describe("This server sends e-mail"),
  email: z.string().nullable(),
  confirmed: z.boolean().describe("The person has shown that letters to the address reach them"),
  on: z.boolean(),
});
export type Digest = z.infer<typeof Digest>;

export const PutDigest = z.strictObject({ on: z.boolean() });

/** `token` is what stands behind the # of the link in the letter. */
export const EmailLink = z.strictObject({ token: z.string().max(200) });

export const UnsubscribeQuery = z.strictObject({ token: storable.max(200) });
