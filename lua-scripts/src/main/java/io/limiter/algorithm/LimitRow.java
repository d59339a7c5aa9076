package io.limiter.algorithm;

/**
 * A limit as the scripts read it: a letter and numbers, times in microseconds. The order of the
 * numbers is written at the head of the algorithm's Lua file.
 *
 * @param letter which reader the script uses; mostly the {@link Algorithm#letter}
 * @param numbers never changed after; not copied, since one is made for every call of a script
 */
@SuppressWarnings("ArrayRecordComponent") // read once, by the writer of a script's arguments
public record LimitRow(char letter, long... numbers) {}
