# -*- coding: latin-1 -*-
name = 'grüße'
