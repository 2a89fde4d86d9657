import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { roomName, userName } from "./names.ts";

const keyOf = (text: string) => {
  const name = roomName(text);
  return "fault" in name ? name.fault : name.key;
};

describe("a name", () => {
  test("is shown in one normal form, with single spaces", () => {
    expect(roomName("  The   Kitchen ")).toEqual({ shown: "The Kitchen", key: "the kitchen" });
    expect(roomName("ﬁsh")).toMatchObject({ shown: "fish" });
  });

  test("meets its twin in another case, width or composition", () => {
    for (const [one, other] of [
      ["General", "gENERAL"],
      ["Ｇeneral", "General"],
      ["Caf\u00e9", "Cafe\u0301"],
      ["ÉCOLE", "école"],
    ] as const) {
      expect(keyOf(one)).toBe(keyOf(other));
    }
  });

  test("meets a look-alike only when one of them is not plain ASCII", () => {
    expect(keyOf("аdmin")).toBe("admin");
    expect(keyOf("rn")).not.toBe(keyOf("m"));
    expect(keyOf("l0ve")).not.toBe(keyOf("love"));
  });

  test("with invisible or text-direction characters is refused", () => {
    for (const char of ["\u200b", "\u200d", "\u202e", "\u2066", "\u00ad", "\ufeff", "\u2028", "\u0007", "\u{e0041}"]) {
      expect(roomName(`ro${char}om`)).toHaveProperty("fault");
    }
  });

  test("may have 80 characters, counted as people count", () => {
    expect(roomName("😀".repeat(80))).not.toHaveProperty("fault");
    expect(roomName("😀".repeat(81))).toHaveProperty("fault");
    expect(roomName("   ")).toHaveProperty("fault");
  });

  test("in its normal form stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 90 }), (text) => {
        const name = roomName(text);
        if ("fault" in name) return;
        expect(roomName(name.shown)).toEqual(name);
      }),
    );
  });
});

test("a room cannot be called by digits alone, whatever their script", () => {
  expect(roomName("2024")).toHaveProperty("fault");
  expect(roomName("٢٠٢٤")).toHaveProperty("fault");
  expect(roomName("room 2024")).not.toHaveProperty("fault");
});

test("a person's name holds no @, and may be digits", () => {
  expect(userName("ann@example.org")).toHaveProperty("fault");
  expect(userName("ann＠example.org")).toHaveProperty("fault");
  expect(userName("1984")).toMatchObject({ shown: "1984" });
});
