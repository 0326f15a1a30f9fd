<!-- One.
<gone/> -->
<xsl:stylesheet>
  <xsl:template/>
</xsl:stylesheet>
