// rapidjson.cc - RapidJSON: the DOM, in situ, with its pool allocator, UTF-8 validated; the result is written to the caller's buffer.
#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include <memory>
#include <vector>

#include "../bench.h"
#include "copies.h"

namespace {

using rapidjson::Document;
using rapidjson::Value;

std::vector<char> pool_memory;
std::unique_ptr<rapidjson::MemoryPoolAllocator<>> pool;
std::unique_ptr<Document> doc;

typedef Value *tree;
tree tree_root;

tree tree_member(tree t, const char *name)
{
    if (t == nullptr || !t->IsObject()) return nullptr;
    auto found = t->FindMember(name);
    return found == t->MemberEnd() ? nullptr : &found->value;
}
bool tree_is_array(tree t) { return t->IsArray(); }
tree tree_first(tree t) { return t && t->IsArray() && !t->Empty() ? t->Begin() : nullptr; }
const char *tree_text(tree t, size_t *len)
{
    if (t == nullptr || !t->IsString()) return nullptr;
    *len = t->GetStringLength();
    return t->GetString();
}
void tree_each(tree t, void (*f)(void *ctx, tree value), void *ctx)
{
    if (t->IsArray())
        for (auto &v : t->GetArray()) f(ctx, &v);
    else
        for (auto &m : t->GetObject()) f(ctx, &m.value);
}
tree make() { return new (pool->Malloc(sizeof(Value))) Value; }
tree tree_object() { tree t = make(); t->SetObject(); return t; }
tree tree_array() { tree t = make(); t->SetArray(); return t; }
tree tree_string(const char *s, size_t len)
{
    tree t = make();
    t->SetString(s, rapidjson::SizeType(len), *pool);
    return t;
}
void tree_put(tree object, const char *name, tree value)
{
    tree had = tree_member(object, name);
    if (had) *had = *value;
    else object->AddMember(rapidjson::StringRef(name), *value, *pool);
}
void tree_push(tree array, tree value) { array->PushBack(*value, *pool); }

struct buffer { // a stream that writes into the caller's buffer
    typedef char Ch;
    char *at, *end;
    bool  full;
    void Put(char c) { if (at < end) *at++ = c; else full = true; }
    void Flush() {}
};
size_t tree_write(tree t, char *buf, size_t cap)
{
    buffer to = { buf, buf + cap, false };
    rapidjson::Writer<buffer> writer(to);
    return t->Accept(writer) && !to.full ? size_t(to.at - buf) : 0;
}
bool tree_parse(const gen_event *, size_t i)
{
    pool->Clear();
    doc.reset(new Document(pool.get()));
    doc->ParseInsitu<rapidjson::kParseDefaultFlags | rapidjson::kParseValidateEncodingFlag>(copy_at[i]);
    tree_root = doc.get();
    return !doc->HasParseError();
}

#include "tree.h"

const char *about() { return RAPIDJSON_VERSION_STRING ", in situ, pool"; }
bool open(size_t max_len)
{
    doc.reset();
    pool.reset();
    pool_memory.resize(max_len * 8 + (1 << 20));
    pool.reset(new rapidjson::MemoryPoolAllocator<>(pool_memory.data(), pool_memory.size()));
    return true;
}

} // namespace

extern "C" {
const bench_subject bench_rapidjson = { "rapidjson", about, open, copies_prepare, tree_parse, tree_sum, tree_job, nullptr, nullptr };
}
