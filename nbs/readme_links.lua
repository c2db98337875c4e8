-- README.md stands one folder above the notebooks, so its relative links lead into nbs.
if not quarto.doc.is_format("gfm") then return {} end

local site = "https://imdb-bert.github.io/imdb-bert/"

local function below(target)
  if target:match("^[%w/]+%.qmd") then return site .. target:gsub("%.qmd", ".html") end  -- pages that only the site has
  if target:match("^%a+:") or target:match("^[#/]") then return target end
  return "nbs/" .. target
end

return {{
  Link = function(link) link.target = below(link.target); return link end,
  Image = function(image) image.src = below(image.src); return image end,
}}
