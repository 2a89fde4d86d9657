import type { ReactNode } from "react";

/** Drawn on a 20 × 20 grid, in the colour of the text around them, silent for a screen reader. */
function Icon({ children, size = 20 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4.5v11M4.5 10h11" />
  </Icon>
);

export const CompassIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="m12.8 7.2-1.7 3.9-3.9 1.7 1.7-3.9z" />
  </Icon>
);

export const ThreadIcon = ({ size = 20 }: { size?: number }) => (
  <Icon size={size}>
    <path d="M4 4.5h12v8.5H9.5L6 16v-3H4z" />
    <path d="M7.5 7.75h5M7.5 10h3" />
  </Icon>
);

export const RoomIcon = () => (
  <Icon size={16}>
    <path d="M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13.5M3 12.5h13.5" />
  </Icon>
);

export const LockIcon = () => (
  <Icon size={16}>
    <rect x="4.5" y="9" width="11" height="7.5" rx="2" />
    <path d="M7 9V6.5a3 3 0 0 1 6 0V9" />
  </Icon>
);

export const PeopleIcon = () => (
  <Icon>
    <circle cx="7.6" cy="7" r="2.7" />
    <path d="M2.6 16c.4-2.9 2.4-4.4 5-4.4s4.6 1.5 5 4.4M13 4.6a2.7 2.7 0 0 1 0 4.9M14.6 11.9c1.6.5 2.6 1.9 2.8 4.1" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M4.5 10h.01M10 10h.01M15.5 10h.01" strokeWidth="2.4" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="M12 4.5 6.5 10l5.5 5.5" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m5.5 5.5 9 9M14.5 5.5l-9 9" />
  </Icon>
);

export const SendIcon = () => (
  <Icon>
    <path d="M10 15.5v-11M5.5 9 10 4.5 14.5 9" />
  </Icon>
);

export const DownIcon = () => (
  <Icon size={16}>
    <path d="M10 4.5v11M5.5 11l4.5 4.5 4.5-4.5" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m4.5 10.5 3.8 3.8 7.2-8" />
  </Icon>
);

export const SmileIcon = () => (
  <Icon size={18}>
    <circle cx="10" cy="10" r="7" />
    <path d="M7.3 12.2c1.4 1.8 4 1.8 5.4 0M7.6 8h.01M12.4 8h.01" />
  </Icon>
);

export const ReplyIcon = () => (
  <Icon size={16}>
    <path d="M8 5 3.5 9.5 8 14M4 9.5h7.5a5 5 0 0 1 5 5V16" />
  </Icon>
);

export const ClockIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="M10 6v4.2l2.8 1.8" />
  </Icon>
);

export const BookmarkIcon = () => (
  <Icon>
    <path d="M6 3.5h8v13l-4-3-4 3z" />
  </Icon>
);

export const PinIcon = () => (
  <Icon size={16}>
    <path d="M7 3.5h6l-.8 5.2 2.8 3H5l2.8-3zM10 11.7v5" />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M15.3 4.7l-1.1 1.1M5.8 14.2l-1.1 1.1" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M16.5 11.8A6.8 6.8 0 0 1 8.2 3.5a6.8 6.8 0 1 0 8.3 8.3z" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon size={18}>
    <circle cx="9" cy="9" r="5" />
    <path d="m13 13 3.5 3.5" />
  </Icon>
);

export const SlidersIcon = () => (
  <Icon>
    <path d="M3.5 6.5h7M14.5 6.5h2M3.5 13.5h2M9.5 13.5h7" />
    <circle cx="12.5" cy="6.5" r="2" />
    <circle cx="7.5" cy="13.5" r="2" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon size={16}>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M10 6.3v4.4M10 13.5h.01" />
  </Icon>
);

/** The house's sign: a P that is somebody speaking. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path
        d="M10.6 25V14a6.4 6.4 0 1 1 6.4 6.4h-2.2"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="17" cy="14" r="1.9" fill="var(--on-accent)" />
    </svg>
  );
}

export const AtIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="3" />
    <path d="M13 7v4.2c0 2.6 4 2.3 4-1.4a7 7 0 1 0-2.8 5.6" />
  </Icon>
);

export const PencilIcon = () => (
  <Icon size={16}>
    <path d="M4 16l.8-3.4L13.4 4a1.6 1.6 0 0 1 2.3 0l.3.3a1.6 1.6 0 0 1 0 2.3L7.4 15.2 4 16z" />
  </Icon>
);

export const MutedIcon = () => (
  <Icon size={16}>
    <path d="M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5M4 13.5h12M8.7 16.5h2.6M3.5 3.5l13 13" />
  </Icon>
);
