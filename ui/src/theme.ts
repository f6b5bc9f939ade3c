/** The face of the page in terms of Mantine; colours and type are in theme.css. */

import { createTheme, type MantineColorsTuple } from "@mantine/core";

const murex: MantineColorsTuple = [
  "#f8f0f9",
  "#ecdcee",
  "#dab8de",
  "#c891cd",
  "#b670be",
  "#a35aac",
  "#8a4493",
  "#73357c",
  "#5d2a66",
  "#44204b",
];

// Ink, with a little of the paper in it.
const dark: MantineColorsTuple = [
  "#dcdad6",
  "#b9b7b3",
  "#9b9a98",
  "#6d6e70",
  "#3b3d42",
  "#2c2e34",
  "#212328",
  "#191b1f",
  "#131518",
  "#0d0e10",
];

export const theme = createTheme({
  primaryColor: "murex",
  primaryShade: { light: 8, dark: 5 },
  colors: { murex, dark },
  fontFamily: "var(--face)",
  fontFamilyMonospace: "var(--mono)",
  headings: { fontFamily: "var(--face)", fontWeight: "600" },
  defaultRadius: 3,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs", variant: "default" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.4 }, transitionProps: { duration: 80 } } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 60 } } },
  },
});
