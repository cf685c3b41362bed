// Numbers, times and values as people read them.

import { make } from "./dom.js";

export const count = (number) => Number(number).toLocaleString("en");

export const many = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

const two = (number) => String(number).padStart(2, "0");

/** 120 ms, 1.20 s, 12.3 s, 4 min 05 s, 3 h 20 min, 2 d 03 h */
export function duration(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${two(Math.floor(whole / 3600) % 24)} h`;
}

const daytime = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

const isToday = (date) => date.toDateString() === new Date().toDateString();

const timeOf = (date) => date.toLocaleTimeString(undefined, daytime);

/** 2026-11-30, wherever the reader is: no one has to guess which number is the month. */
const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** "UTC", "CET", "GMT+5": of that date, since it changes with the season. */
export function zone(date = new Date()) {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

const whole = (date) => `${dayOf(date)} ${timeOf(date)} ${zone(date)}`;

function time(text, words) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return make("span", {}, String(text));
  return make("time", { datetime: date.toISOString(), title: `${whole(date)} (${date.toISOString()})` }, words(date));
}

/** 13:10:44 when it is today, else with its day. */
export const clock = (text) => time(text, (date) => (isToday(date) ? timeOf(date) : `${dayOf(date)} ${timeOf(date)}`));

/** 2026-11-30 13:10:44 UTC */
export const moment = (text) => time(text, whole);

export function pill(runtimeStatus) {
  const word = String(runtimeStatus);
  return make("span", { class: `pill ${/^[A-Za-z]+$/.test(word) ? word : ""}` }, word);
}

export function cut(text, length) {
  return text.length > length ? `${text.slice(0, length)} …` : text;
}

/** A value in one line: `stage: shipped · parcels: 2, 3`. */
export const brief = (value, length = 140) => cut(words(value ?? "", length, 0), length);

function words(value, room, depth) {
  if (value === null || typeof value !== "object") return String(value);
  const isList = Array.isArray(value);
  const said = [];
  for (const [key, each] of Object.entries(value)) {
    if (room < 0) break;
    const text = isList ? words(each, room, depth + 1) : `${key}: ${words(each, room - key.length, depth + 1)}`;
    room -= text.length;
    said.push(text);
  }
  const text = said.join(isList ? ", " : " · ");
  return depth === 0 || (isList && depth === 1) ? text : isList ? `[${text}]` : `{${text}}`;
}

const ended = new Set(["Completed", "Failed", "Canceled", "Terminated"]);

export const isEnded = (runtimeStatus) => ended.has(runtimeStatus);
