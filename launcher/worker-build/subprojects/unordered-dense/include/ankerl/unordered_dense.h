/*
 * ankerl::unordered_dense by the standard library's containers. The worker uses only what both have;
 * the real ones iterate faster, and in the real ones erase() moves elements, so code that is right
 * for them is right for these.
 */
#ifndef ROSTRUM_UNORDERED_DENSE_BY_STD_H
#define ROSTRUM_UNORDERED_DENSE_BY_STD_H

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<typename Key, typename Value, typename Hash = std::hash<Key>, typename Equal = std::equal_to<Key>>
	using map = std::unordered_map<Key, Value, Hash, Equal>;

	template<typename Key, typename Hash = std::hash<Key>, typename Equal = std::equal_to<Key>>
	using set = std::unordered_set<Key, Hash, Equal>;

	template<typename Key>
	using hash = std::hash<Key>;
} // namespace ankerl::unordered_dense

#endif
