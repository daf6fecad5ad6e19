<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r a="{{literal}}" b="{count(//order)}-{//order[1]/@id}" c="{concat('}', '{')}" d=""/></xsl:template>
</xsl:stylesheet>
