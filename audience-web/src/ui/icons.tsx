import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const filled = { fill: 'currentColor', stroke: 'none' };

export const PlayIcon = () => (
  <Icon>
    <path d="M8 5.5v13l10.5-6.5z" {...filled} />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <rect x="6.5" y="5.5" width="3.6" height="13" rx="1" {...filled} />
    <rect x="13.9" y="5.5" width="3.6" height="13" rx="1" {...filled} />
  </Icon>
);
export const ReplayIcon = () => (
  <Icon>
    <path d="M5 12a7 7 0 1 0 2.3-5.2M5 4v4h4" />
  </Icon>
);
export const VolumeIcon = () => (
  <Icon>
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z" {...filled} />
    <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />
  </Icon>
);
export const MutedIcon = () => (
  <Icon>
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z" {...filled} />
    <path d="m16 9.5 5 5m0-5-5 5" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M12 5a7 7 0 1 1-6.6 4.7M5 4.5V10h5.5" />
    <text x="12" y="15.4" font-size="7.4" font-weight="700" text-anchor="middle" {...filled}>
      10
    </text>
  </Icon>
);
export const ForwardIcon = () => (
  <Icon>
    <path d="M12 5a7 7 0 1 0 6.6 4.7M19 4.5V10h-5.5" />
    <text x="12" y="15.4" font-size="7.4" font-weight="700" text-anchor="middle" {...filled}>
      10
    </text>
  </Icon>
);
export const SettingsIcon = () => (
  <Icon>
    <path d="M4 7h9m5 0h2M4 17h2m5 0h9" />
    <circle cx="15.5" cy="7" r="2.4" />
    <circle cx="8.5" cy="17" r="2.4" />
  </Icon>
);
export const PipIcon = () => (
  <Icon>
    <path d="M10 19H5.5A1.5 1.5 0 0 1 4 17.5v-11A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5V10" />
    <rect x="12.5" y="13" width="8.5" height="6.5" rx="1.2" {...filled} />
  </Icon>
);
export const FullIcon = () => (
  <Icon>
    <path d="M4 9V4.5h4.5M15.5 4.5H20V9M20 15v4.5h-4.5M8.5 19.5H4V15" />
  </Icon>
);
export const ShrinkIcon = () => (
  <Icon>
    <path d="M8.5 4.5V9H4M20 9h-4.5V4.5M15.5 19.5V15H20M4 15h4.5v4.5" />
  </Icon>
);
export const UpIcon = () => (
  <Icon>
    <path d="m6 14.5 6-6 6 6" />
  </Icon>
);
export const HandIcon = () => (
  <Icon>
    <path d="M8 12.5V6.2a1.4 1.4 0 0 1 2.8 0V11m0-6.3a1.4 1.4 0 0 1 2.8 0V11m0-4.8a1.4 1.4 0 0 1 2.8 0v7.3c0 4-2 6.5-5.4 6.5-2.6 0-4-1.2-5.2-3.4l-2-3.7a1.5 1.5 0 0 1 2.5-1.6L8 14.2" />
  </Icon>
);
export const QuestionIcon = () => (
  <Icon>
    <path d="M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-6l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5z" />
    <path d="M10 9.2a2 2 0 1 1 2.8 1.8c-.6.3-.8.6-.8 1.3M12 14.3v.1" />
  </Icon>
);
export const EyeIcon = () => (
  <Icon>
    <path d="M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6z" />
    <circle cx="12" cy="12" r="2.6" />
  </Icon>
);
export const MicIcon = () => (
  <Icon>
    <rect x="9" y="3.5" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </Icon>
);
export const MicOffIcon = () => (
  <Icon>
    <path d="M15 9V6.5a3 3 0 0 0-6 0v5a3 3 0 0 0 4.5 2.6M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5c0 1-.2 1.9-.6 2.7M12 18v3M4 4l16 16" />
  </Icon>
);
export const CameraIcon = () => (
  <Icon>
    <rect x="3" y="6.5" width="12.5" height="11" rx="2" />
    <path d="m15.5 10.5 5.5-3v9l-5.5-3z" />
  </Icon>
);
export const CameraOffIcon = () => (
  <Icon>
    <path d="M11 6.5h2.5a2 2 0 0 1 2 2v2l5.5-3v9l-3-1.6M15.5 15.5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M4 4l16 16" />
  </Icon>
);
export const TurnIcon = () => (
  <Icon>
    <path d="M5 10.5a7.2 7.2 0 0 1 13-2.7M19 13.5a7.2 7.2 0 0 1-13 2.7M18.5 4v4h-4M5.5 20v-4h4" />
  </Icon>
);
export const LeaveIcon = () => (
  <Icon>
    <path d="M13.5 4.5H6A1.5 1.5 0 0 0 4.5 6v12A1.5 1.5 0 0 0 6 19.5h7.5M10 12h10m-3.5-4 4 4-4 4" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m5.5 12.5 4.5 4.5 8.5-9.5" />
  </Icon>
);
export const HeadphonesIcon = () => (
  <Icon>
    <path d="M4.5 16v-3a7.5 7.5 0 0 1 15 0v3" />
    <rect x="3.5" y="14" width="4" height="6" rx="1.5" />
    <rect x="16.5" y="14" width="4" height="6" rx="1.5" />
  </Icon>
);
