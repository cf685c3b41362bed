// Tables and arrays, one value at a time. The caller limits the depth.
#include "internal.h"
#include <stdlib.h>
#include <string.h>

static rmq_value read_value(const amqp_field_value_t *v) {
  rmq_value value = {.kind = RMQ_VALUE_INT};
  switch (v->kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
      value.kind = RMQ_VALUE_BOOL;
      value.integer = v->value.boolean != 0;
      break;
    case AMQP_FIELD_KIND_I8: value.integer = v->value.i8; break;
    case AMQP_FIELD_KIND_U8: value.integer = v->value.u8; break;
    case AMQP_FIELD_KIND_I16: value.integer = v->value.i16; break;
    case AMQP_FIELD_KIND_U16: value.integer = v->value.u16; break;
    case AMQP_FIELD_KIND_I32: value.integer = v->value.i32; break;
    case AMQP_FIELD_KIND_U32: value.integer = v->value.u32; break;
    case AMQP_FIELD_KIND_I64: value.integer = v->value.i64; break;
    case AMQP_FIELD_KIND_U64: value.integer = (int64_t)v->value.u64; break;  // AMQP's "L" is signed
    case AMQP_FIELD_KIND_F32:
      value.kind = RMQ_VALUE_DOUBLE;
      value.number = v->value.f32;
      break;
    case AMQP_FIELD_KIND_F64:
      value.kind = RMQ_VALUE_DOUBLE;
      value.number = v->value.f64;
      break;
    case AMQP_FIELD_KIND_DECIMAL:
      value.kind = RMQ_VALUE_DECIMAL;
      value.scale = v->value.decimal.decimals;
      value.integer = v->value.decimal.value;
      break;
    case AMQP_FIELD_KIND_UTF8:
      value.kind = RMQ_VALUE_STRING;
      value.bytes = rmq_from_amqp(v->value.bytes);
      break;
    case AMQP_FIELD_KIND_BYTES:
      value.kind = RMQ_VALUE_BYTES;
      value.bytes = rmq_from_amqp(v->value.bytes);
      break;
    case AMQP_FIELD_KIND_TIMESTAMP:
      value.kind = RMQ_VALUE_TIMESTAMP;
      value.integer = (int64_t)v->value.u64;
      break;
    case AMQP_FIELD_KIND_TABLE:
      value.kind = RMQ_VALUE_TABLE;
      value.children = &v->value.table;
      break;
    case AMQP_FIELD_KIND_ARRAY:
      value.kind = RMQ_VALUE_ARRAY;
      value.children = &v->value.array;
      break;
    default: value.kind = RMQ_VALUE_NULL; break;
  }
  return value;
}

int rmq_table_count(const void *table) { return table ? ((const amqp_table_t *)table)->num_entries : 0; }

rmq_value rmq_table_value(const void *table, int index, rmq_bytes *key) {
  const amqp_table_entry_t *entry = &((const amqp_table_t *)table)->entries[index];
  *key = rmq_from_amqp(entry->key);
  return read_value(&entry->value);
}

int rmq_array_count(const void *array) { return array ? ((const amqp_array_t *)array)->num_entries : 0; }

rmq_value rmq_array_value(const void *array, int index) {
  return read_value(&((const amqp_array_t *)array)->entries[index]);
}

static void *allocate(rmq_connection *c, size_t size) {
  void *memory = amqp_pool_alloc(&c->sending, size ? size : 1);
  if (!memory) abort();  // as Swift does when it gets no memory
  return memory;
}

rmq_bytes rmq_copy(rmq_connection *c, const void *start, size_t count) {
  uint8_t *copy = allocate(c, count);
  if (count) memcpy(copy, start, count);
  return (rmq_bytes){.start = copy, .count = count};
}

void rmq_forget(rmq_connection *c) { recycle_amqp_pool(&c->sending); }

static amqp_table_t table_of(rmq_connection *c, int count) {
  amqp_table_t table = {.num_entries = count, .entries = allocate(c, (size_t)count * sizeof *table.entries)};
  for (int i = 0; i < count; i++) table.entries[i] = (amqp_table_entry_t){.value.kind = AMQP_FIELD_KIND_VOID};
  return table;
}

void *rmq_table_new(rmq_connection *c, int count) {
  amqp_table_t *table = allocate(c, sizeof *table);
  *table = table_of(c, count);
  return table;
}

void *rmq_table_slot(void *table, int index, rmq_bytes key) {
  amqp_table_entry_t *entry = &((amqp_table_t *)table)->entries[index];
  entry->key = rmq_to_amqp(key);
  return &entry->value;
}

void *rmq_array_slot(void *array, int index) { return &((amqp_array_t *)array)->entries[index]; }

void rmq_set(void *slot, rmq_value value) {
  amqp_field_value_t *v = slot;
  switch (value.kind) {
    case RMQ_VALUE_BOOL:
      v->kind = AMQP_FIELD_KIND_BOOLEAN;
      v->value.boolean = value.integer != 0;
      break;
    case RMQ_VALUE_INT:
      v->kind = AMQP_FIELD_KIND_I64;
      v->value.i64 = value.integer;
      break;
    case RMQ_VALUE_DOUBLE:
      v->kind = AMQP_FIELD_KIND_F64;
      v->value.f64 = value.number;
      break;
    case RMQ_VALUE_STRING:
      v->kind = AMQP_FIELD_KIND_UTF8;
      v->value.bytes = rmq_to_amqp(value.bytes);
      break;
    case RMQ_VALUE_BYTES:
      v->kind = AMQP_FIELD_KIND_BYTES;
      v->value.bytes = rmq_to_amqp(value.bytes);
      break;
    case RMQ_VALUE_TIMESTAMP:
      v->kind = AMQP_FIELD_KIND_TIMESTAMP;
      v->value.u64 = (uint64_t)value.integer;
      break;
    case RMQ_VALUE_DECIMAL:
      v->kind = AMQP_FIELD_KIND_DECIMAL;
      v->value.decimal = (amqp_decimal_t){.decimals = value.scale, .value = (uint32_t)value.integer};
      break;
    default: v->kind = AMQP_FIELD_KIND_VOID; break;
  }
}

void *rmq_set_table(rmq_connection *c, void *slot, int count) {
  amqp_field_value_t *v = slot;
  v->kind = AMQP_FIELD_KIND_TABLE;
  v->value.table = table_of(c, count);
  return &v->value.table;
}

void *rmq_set_array(rmq_connection *c, void *slot, int count) {
  amqp_field_value_t *v = slot;
  v->kind = AMQP_FIELD_KIND_ARRAY;
  v->value.array = (amqp_array_t){.num_entries = count, .entries = allocate(c, (size_t)count * sizeof *v->value.array.entries)};
  for (int i = 0; i < count; i++) v->value.array.entries[i] = (amqp_field_value_t){.kind = AMQP_FIELD_KIND_VOID};
  return &v->value.array;
}
