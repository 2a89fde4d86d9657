import { expect, test } from "bun:test";
import fc from "fast-check";
import { calledIn, calledKey, callOf, keywordIn } from "./mentions.ts";
import { userName } from "./names.ts";

const names = (content: string) =>
  calledIn(content).map((called) => (called.kind === "name" ? called.name : called.kind));

test("every name that a person may have can be called, and stands alone in its text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (text) => {
      const name = userName(text);
      fc.pre(!("fault" in name));
      const called = calledIn(`Hello, ${callOf(name.shown)}! And ${callOf(name.shown)}.`);
      expect(called.map((one) => one.kind === "name" && calledKey(one.name))).toEqual([name.key, name.key]);
    }),
  );
});

test("a text calls names, quoted names, the room and those who are here, and no address or link", () => {
  expect(names("@ann, @ben.smith. (@cat) @dan's @“x” @ 5")).toEqual(["ann", "ben.smith", "cat", "dan"]);
  expect(names('@"Ann B" and @"say ""hi""" and @"no end')).toEqual(["Ann B", 'say "hi"']);
  expect(names("@room @here @room-mates @rooms @ROOM")).toEqual(["room", "here", "room-mates", "rooms", "ROOM"]);
  expect(calledIn('@"room"')).toMatchObject([{ kind: "name", name: "room", isQuoted: true }]);
  expect(names("ann@example.org https://example.org/@ann a@b @@ann x.@ann")).toEqual([]);
  expect(names("@李明 @Åsa @עדי")).toEqual(["李明", "Åsa", "עדי"]);
  expect(callOf("here")).toBe('@"here"');
});

test("a long text of nothing but signs is read at once", () => {
  const began = performance.now();
  for (const part of ["@", '@"', "@a", "@a.", '@""', '"@']) calledIn(part.repeat(30_000 / part.length));
  calledIn(`@${"a".repeat(10_000)}${".".repeat(20_000)}`);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("a keyword is found as a word of its own, whatever its case, and not within another", () => {
  expect(keywordIn("The Release is near", ["release"])).toBe("release");
  expect(keywordIn("prereleases", ["release"])).toBeNull();
  expect(keywordIn("prerelease, then RELEASE!", ["release"])).toBe("release");
  expect(keywordIn("I like C++ and c#", ["c++"])).toBe("c++");
  expect(keywordIn("ﬁle", ["file"])).toBe("file");
  expect(keywordIn("anything", [""])).toBeNull();
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.stringMatching(/^[a-z]{1,9}$/), (before, after, word) => {
      expect(keywordIn(`${before} ${word.toUpperCase()} ${after}`, [word])).toBe(word);
    }),
  );
});
