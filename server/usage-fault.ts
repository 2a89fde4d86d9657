/** An operator typed something that cannot be meant; how it is typed is said behind it. */
export class UsageFault extends Error {}
