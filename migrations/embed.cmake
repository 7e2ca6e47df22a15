# cmake -DINPUT="a.sql;b.sql" -DOUTPUT=migrations.cpp -P embed.cmake: the numbered files as one table in C++.
set(text "#include \"server/store/migrations.hpp\"\n\nnamespace sluice::store {\n\nstatic constexpr Migration table[] = {\n")
foreach(file ${INPUT})
  file(READ ${file} sql)
  get_filename_component(name ${file} NAME)
  string(APPEND text "    {\"${name}\", R\"sluice(${sql})sluice\"},\n")
endforeach()
string(APPEND text "};\n\nstd::span<const Migration> migrations() { return table; }\n\n}  // namespace sluice::store\n")
file(WRITE ${OUTPUT} "${text}")
